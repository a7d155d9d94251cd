// SPDX-License-Identifier: MIT
// A mix of presets: on the wire {name: share}, on the page a text, since values are compared and
// put into links.
//   "dawn:0.7,glass:0.3"   by name

export const mixText = (mix) =>
  Object.entries(mix)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, share]) => `${name}:${share}`)
    .join(',');

export const mixOf = (text) =>
  Object.fromEntries(
    text.split(',').map((part) => {
      const [name, share = '1'] = part.split(':');
      return [name, Number(share)];
    }),
  );
