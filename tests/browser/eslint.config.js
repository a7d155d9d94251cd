// SPDX-License-Identifier: MIT
// What scripts/check-client holds the page, its tests and the benches in JavaScript to, besides the
// formatter.
//   rooms    audio stands alone, engine sees audio, link sees both, ui sees them all, main.js joins
//            them
//   texts    what the page says stands in client/ui/text, not in code
//   sizes    functions of at most 60 lines, files of at most 400
import js from '@eslint/js';
import globals from 'globals';

const cleanCode = {
  'array-callback-return': 'error',
  'consistent-return': 'error',
  'default-case-last': 'error',
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'max-depth': ['error', 4],
  'max-len': [
    'error',
    {
      code: 100,
      ignoreRegExpLiterals: true,
      ignoreStrings: true,
      ignoreTemplateLiterals: true,
      ignoreUrls: true,
    },
  ],
  'max-lines': ['error', 400],
  'max-lines-per-function': ['error', 60],
  'no-else-return': 'error',
  'no-eval': 'error',
  'no-implicit-coercion': 'error',
  'no-implied-eval': 'error',
  'no-label-var': 'error',
  'no-lonely-if': 'error',
  'no-new-func': 'error',
  'no-return-assign': 'error',
  'no-self-compare': 'error',
  'no-sequences': 'error',
  'no-shadow': 'error',
  'no-template-curly-in-string': 'error',
  'no-throw-literal': 'error',
  'no-unneeded-ternary': 'error',
  'no-unused-expressions': 'error',
  'no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
  'no-use-before-define': ['error', { functions: false, classes: false, variables: false }],
  'no-useless-rename': 'error',
  'no-useless-return': 'error',
  'no-var': 'error',
  'object-shorthand': 'error',
  'prefer-arrow-callback': 'error',
  'prefer-const': 'error',
  'prefer-object-spread': 'error',
  'prefer-template': 'error',
};

const ownState = {
  selector: 'Program > VariableDeclaration[kind="let"]',
  message: 'A module keeps no state of its own: put it into a class.',
};

// Two words with a space between, before anything that only selectors and the like have.
const sentence = '/^[^#.[\\]=(){}<>*]*[A-Za-z]{2,} [A-Za-z]/';
const textInCode = [`Literal[value=${sentence}]`, `TemplateElement[value.raw=${sentence}]`].map(
  (selector) => ({ selector, message: 'Texts stand in client/ui/text: say(key) gives them.' }),
);

const notFrom = (...rooms) => ({
  'no-restricted-imports': ['error', { patterns: rooms.map((room) => `**/${room}/*`) }],
});

export default [
  { ignores: ['**/node_modules/'] },
  js.configs.recommended,
  { languageOptions: { ecmaVersion: 2023 }, rules: cleanCode },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['client/**/*.js'],
    languageOptions: { globals: globals.browser },
    rules: {
      'no-console': ['error', { allow: ['warn'] }],
      'no-restricted-syntax': ['error', ownState],
    },
  },
  {
    files: ['client/*.js', 'client/ui/*.js'],
    rules: { 'no-restricted-syntax': ['error', ownState, ...textInCode] },
  },
  { files: ['client/audio/*.js'], rules: notFrom('link', 'engine', 'ui') },
  { files: ['client/link/*.js'], rules: notFrom('ui') },
  { files: ['client/engine/*.js'], rules: notFrom('link', 'ui') },
  {
    files: ['client/link/intake-worker.js', 'client/engine/*-worker.js'],
    languageOptions: { globals: globals.worker },
  },
  { files: ['client/sw.js'], languageOptions: { globals: globals.serviceworker } },
  {
    // A test's callbacks run in the page, too.
    files: ['tests/browser/**/*.js', 'tests/engine/*.mjs', 'bench/*.mjs'],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },
];
