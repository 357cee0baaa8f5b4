/**
 * Joins ES modules into one classic script, since a page opened from a disk may not import modules. Every module becomes a function's
 * result, in the order of their imports; so no name can clash. Knows the plain forms that tsc writes and our few libraries use, and
 * throws at the first it does not know, while building and never in the page.
 */

/**
 * @param {string} entry the first module's id
 * @param {(id: string) => string} read the text of a module
 * @param {(from: string, specifier: string) => string} resolve the id that a module means by a specifier
 * @returns {string} a classic script
 */
export function linkModules(entry, read, resolve) {
  const linked = [];
  const state = new Map();
  const visit = (id) => {
    if (state.get(id) === 'done') return;
    if (state.get(id) === 'open') throw new Error(`modules import each other in a ring: ${id}`);
    state.set(id, 'open');
    const { body, imports } = wrapModule(read(id), (specifier) => resolve(id, specifier));
    for (const needed of imports) visit(needed);
    state.set(id, 'done');
    linked.push(`modules[${JSON.stringify(id)}] = (() => {\n${body}\n})();`);
  };
  visit(entry);
  return `(() => {\n'use strict';\nconst modules = {};\n${linked.join('\n')}\n})();\n`;
}

const IMPORT = /^import\s+(?:(?<what>[\w$*{][^'"]*?)\s+from\s+)?['"](?<from>[^'"]+)['"];?/gm;
const EXPORT_FROM = /^export\s+(?<what>\*(?:\s+as\s+\w+)?|\{[^}]*\})\s+from\s+['"](?<from>[^'"]+)['"];?/gm;
const EXPORT_LIST = /^export\s*\{(?<names>[^}]*)\};?/gm;
const EXPORT_HERE = /^export\s+(?=(?:async\s+)?(?:function\*?|class|const|let)\s+(?<name>[\w$]+))/gm;

function wrapModule(text, resolve) {
  const imports = [];
  const exported = [];
  const from = (specifier) => {
    const id = resolve(specifier);
    imports.push(id);
    return `modules[${JSON.stringify(id)}]`;
  };
  const body = text
    .replace(/^\/\/# sourceMappingURL=.*$/gm, '')
    .replace(IMPORT, (_whole, what, specifier) => {
      const module = from(specifier);
      if (what === undefined) return '';
      const [, first, rest] =
        /^(?:([\w$]+)\s*,?\s*)?(\{[^}]*\}|\*\s+as\s+[\w$]+)?$/s.exec(what.trim()) ?? unknown(what);
      const lines = [];
      if (first) lines.push(`const ${first} = ${module}.default;`);
      if (rest?.startsWith('*')) lines.push(`const ${rest.replace(/^\*\s+as\s+/, '')} = ${module};`);
      else if (rest) lines.push(`const {${namesIn(rest).map(([name, as]) => `${name}: ${as}`)}} = ${module};`);
      return lines.join(' ');
    })
    .replace(EXPORT_FROM, (_whole, what, specifier) => {
      const module = from(specifier);
      if (what === '*') exported.push(`...${module}`);
      else if (what.startsWith('*')) exported.push(`${what.replace(/^\*\s+as\s+/, '')}: ${module}`);
      else for (const [name, as] of namesIn(what)) exported.push(`${as}: ${module}.${name}`);
      return '';
    })
    .replace(EXPORT_LIST, (_whole, names) => {
      for (const [name, as] of namesIn(names)) exported.push(`${as}: ${name}`);
      return '';
    })
    .replace(EXPORT_HERE, (_whole, name) => {
      exported.push(name);
      return '';
    });
  if (/^(?:import|export)\b/m.test(body)) unknown(/^(?:import|export)\b.*$/m.exec(body)?.[0]);
  return { body: `${body.trim()}\nreturn { ${exported.join(', ')} };`, imports };
}

const namesIn = (list) =>
  list
    .replace(/[{}]/g, '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .map((one) => {
      const [name, as = name] = one.split(/\s+as\s+/);
      return [name, as];
    });

const unknown = (form) => {
  throw new Error(`cannot join this form of import or export: ${form}`);
};
