// SPDX-License-Identifier: MIT
// What the page says, in the listener's language: text/en.js is the list of all texts, the others
// beside it say the same. A text is found by its key; {name} in it stands for a value.
//   words    of this page; 'change' when another language has come
//   say      (key, values) → text
//   named    (kind, name, own) → the name of a control, layer, mode or group; `own`, a station's
//            English, where the table has none
//   in HTML  data-text, data-label, data-hint, data-placeholder and data-content hold keys

import en from './text/en.js';

// By their own names; right to left where a language runs so.
export const languages = {
  en: { title: 'English' },
  de: { title: 'Deutsch' },
  fr: { title: 'Français' },
  es: { title: 'Español' },
  ja: { title: '日本語' },
};

// choice: a language, or 'auto', which takes the first of `wanted` that is there
export function languageOf(choice, wanted) {
  if (Object.hasOwn(languages, choice)) return choice;
  const known = wanted.map((tag) => tag.toLowerCase().split('-')[0]);
  return known.find((language) => Object.hasOwn(languages, language)) ?? 'en';
}

const places = {
  text: 'textContent',
  hint: 'title',
  placeholder: 'placeholder',
  content: 'content',
};

export class Words extends EventTarget {
  constructor() {
    super();
    this.language = 'en';
    this.table = en;
  }

  // Until it is there, and where it cannot be loaded, the language stays.
  async use(language) {
    this.wanted = language;
    if (language === this.language) return;
    const load = language === 'en' ? { default: en } : import(`./text/${language}.js`);
    const { default: table } = await load;
    if (this.wanted !== language) return;
    Object.assign(this, { language, table });
    this.dispatchEvent(new Event('change'));
  }

  say(key, values = {}) {
    const text = this.table[key] ?? en[key];
    return text.replaceAll(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  // `key`.one or `key`.other, as the language counts
  count(key, count) {
    const form = new Intl.PluralRules(this.language).select(count);
    return this.say(`${key}.${form === 'one' ? 'one' : 'other'}`, { count });
  }

  named(kind, name, own) {
    return this.table[`name.${kind}.${name}`] ?? own;
  }

  // Of a page that is there, or of what was added to it.
  fill(root) {
    const { documentElement: whole } = root.ownerDocument ?? root;
    whole.lang = this.language;
    whole.dir = languages[this.language].direction ?? 'ltr';
    for (const [name, property] of Object.entries(places)) {
      for (const element of root.querySelectorAll(`[data-${name}]`)) {
        element[property] = this.say(element.dataset[name]);
      }
    }
    for (const element of root.querySelectorAll('[data-label]')) {
      element.setAttribute('aria-label', this.say(element.dataset.label));
    }
  }
}

export const words = new Words();
export const say = (key, values) => words.say(key, values);
export const named = (kind, name, own) => words.named(kind, name, own);
