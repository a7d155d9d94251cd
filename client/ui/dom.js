// SPDX-License-Identifier: MIT
// Elements of the page: found by id, and made.

export const byId = (id) => document.getElementById(id);

export function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}
