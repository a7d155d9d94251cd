// SPDX-License-Identifier: MIT
// A link that carries what plays:
// #preset=focus&seed=7&key=D&mode=dorian&bpm=60&intensity=0.5&layers=pad:-6,lead:off
//   layers   name:gain_db, or name:off, or name:off:gain_db; only those that differ from on at 0 dB
//   errors   what the control table does not know, or what is out of its ranges, is left out: a
//            link comes from anywhere

// A mix of one preset is that preset.
const toldOf = (controls) =>
  String(controls.mix ?? '').includes(',') ? controls : { ...controls, mix: undefined };

const seedForm = /^\d{1,20}$/;

// controls: {control: value} as in Desk ("layers.pad.on"); seed: string or undefined
export function toHash({ controls: all, seed }, table) {
  const controls = toldOf(all);
  const query = new URLSearchParams();
  if (controls.preset) query.set('preset', controls.preset);
  if (seed !== undefined) query.set('seed', seed);
  for (const [name] of table.controls) {
    if (controls[name] !== undefined) query.set(name, controls[name]);
  }
  const layers = layersOf(controls).flatMap(([name, { on = true, gain_db: gain = 0 }]) => {
    const words = [...(on ? [] : ['off']), ...(gain === 0 ? [] : [gain])];
    return words.length ? [[name, ...words].join(':')] : [];
  });
  if (layers.length) query.set('layers', layers.join(','));
  return `#${query.toString().replaceAll('%2C', ',').replaceAll('%3A', ':')}`;
}

// [name, {on, gain_db}] of each layer
function layersOf(controls) {
  const layers = new Map();
  for (const [control, value] of Object.entries(controls)) {
    const [kind, layer, member] = control.split('.');
    if (kind === 'layers') layers.set(layer, { ...layers.get(layer), [member]: value });
  }
  return [...layers];
}

// The command for a piece from this seed with these settings: a station takes its seed only when it
// starts.
export function toCommand({ controls: all, seed }, table) {
  const controls = toldOf(all);
  const rest = table.controls.map(([name]) => name).filter((name) => name !== 'preset');
  const options = ['preset', 'seed', ...rest]
    .map((name) => [name, name === 'seed' ? seed : controls[name]])
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` --${name} ${value}`);
  return `auralis-compose${options.join('')} --duration 10m | auralis-render -o piece.flac`;
}

// → {controls, seed}, with nothing but what the table takes
export function fromHash(hash, table) {
  const query = new URLSearchParams(hash.replace(/^#/, ''));
  const texts = table.controls.map(([name]) => [name, query.get(name)]);
  for (const entry of (query.get('layers') ?? '').split(',')) {
    const [name, ...words] = entry.split(':');
    if (words[0] === 'off') texts.push([`layers.${name}.on`, words.shift()]);
    texts.push([`layers.${name}.gain_db`, words[0]]);
  }
  const controls = {};
  for (const [control, text] of texts) {
    const value = table.parse(control, text);
    if (value !== undefined) controls[control] = value;
  }
  const seed = query.get('seed') ?? '';
  return { controls, seed: seedForm.test(seed) ? seed : undefined };
}
