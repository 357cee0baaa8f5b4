import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

/** The house: each room, and the rooms it may look into. A row names only rows above it; `type x` means types only. */
const HOUSE: Record<string, readonly string[]> = {
  core: [],
  engine: ['core'],
  disk: ['core', 'type project', 'type run', 'type compile'],
  jinja: ['core'],
  project: ['core', 'jinja'],
  compile: ['core', 'jinja', 'project'],
  lineage: ['core', 'type engine'],
  select: ['core', 'compile', 'project', 'type run'],
  checks: ['core', 'compile', 'type engine'],
  diff: ['core', 'type engine'],
  ledger: ['core', 'type engine'],
  plan: ['core', 'compile', 'lineage', 'select', 'checks', 'ledger', 'type engine'],
  run: ['core', 'compile', 'checks', 'plan', 'ledger', 'type engine'],
  report: ['core', 'compile', 'plan', 'type run', 'type ledger', 'type diff'],
  docs: ['core', 'checks', 'compile', 'lineage', 'select', 'type run', 'type ledger'],
  app: [
    'core',
    'engine',
    'disk',
    'jinja',
    'project',
    'compile',
    'lineage',
    'select',
    'checks',
    'diff',
    'ledger',
    'plan',
    'run',
    'report',
    'docs',
  ],
  cli: ['core', 'disk', 'app', 'report', 'type run', 'type compile'],
};

/** The inner folders of `app`, from the ground up; each uses those before it, use cases all, and all the door's types. */
const APP = ['warehouse', 'opening', 'artifacts', 'columns', 'tests', 'running', 'site'];

/** Rooms that never touch files, network, clock or console. */
const PURE = ['core', 'jinja', 'project', 'compile', 'lineage', 'select', 'checks', 'diff', 'plan', 'report', 'docs'];

const src = import.meta.dirname;
const roomOf = (file: string) => relative(src, file).split('/')[0] ?? '';
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.startsWith('docs/assets'))
  .map((name) => join(src, name));

const STATIC = /^(?:import|export) (type )?[^;]*?from '(\.[^']+)'/gms;
const LAZY = /\bimport\(()'(\.[^']+)'\)/g;
const imports = sources.flatMap((file) => {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(STATIC), ...text.matchAll(LAZY)].map(([, type, to = '']) => ({
    file,
    to: resolve(dirname(file), to),
    typeOnly: type === 'type ',
  }));
});

test('a room names only rooms above it, so there are no rings of rooms', () => {
  const rooms = Object.keys(HOUSE);
  for (const [floor, [, mayImport]] of Object.entries(HOUSE).entries())
    for (const other of mayImport) if (!other.startsWith('type ')) expect(rooms.slice(0, floor)).toContain(other);
});

test('no files import each other in a ring, not even for types', () => {
  const importsOf = new Map(sources.map((file) => [file, imports.filter((one) => one.file === file)]));
  // Whatever is left when files are taken away that import none of the rest stands in a ring, or reads one.
  const left = new Set(sources);
  for (let before = Number.POSITIVE_INFINITY; left.size < before; ) {
    before = left.size;
    for (const file of left) if (!importsOf.get(file)?.some(({ to }) => left.has(to))) left.delete(file);
  }
  expect([...left].map((file) => relative(src, file))).toEqual([]);
});

test('every folder is a room on the map', () => {
  const strangers = new Set(sources.map(roomOf).filter((room) => !room.endsWith('.ts')));
  for (const known of [...Object.keys(HOUSE), 'testing', 'e2e', 'bench']) strangers.delete(known);
  expect([...strangers]).toEqual([]);
});

test('every import follows the house', () => {
  const strays = imports
    .filter(({ file, to }) => roomOf(file) in HOUSE && roomOf(file) !== roomOf(to) && !to.endsWith('.json'))
    .filter(({ file, to, typeOnly }) => {
      const allowed = HOUSE[roomOf(file)] ?? [];
      return !allowed.includes(roomOf(to)) && !(typeOnly && allowed.includes(`type ${roomOf(to)}`));
    })
    .map(({ file, to }) => `${relative(src, file)} must not import ${relative(src, to)}`);
  expect(strays).toEqual([]);
});

test('inside `app`, use cases stand on the folders, and each folder on those before it', () => {
  const floor = (file: string) => {
    const [, folder = '', inner] = relative(src, file).split('/');
    return inner === undefined ? APP.length : APP.indexOf(folder);
  };
  const strays = imports
    .filter(
      ({ file, to }) =>
        roomOf(file) === 'app' && roomOf(to) === 'app' && !/\/(?:contract|option-defaults|warning-names)\.ts$/.test(to),
    )
    .filter(({ file, to }) => floor(file) < floor(to))
    .map(({ file, to }) => `${relative(src, file)} must not import ${relative(src, to)}`);
  expect(strays).toEqual([]);
});

test('a room is entered by its top-level files, never by its inner folders', () => {
  const climbers = imports
    .filter(
      ({ file, to }) => roomOf(file) in HOUSE && roomOf(file) !== roomOf(to) && relative(src, to).split('/').length > 2,
    )
    .map(({ file, to }) => `${relative(src, file)} reaches into ${relative(src, to)}`);
  expect(climbers).toEqual([]);
});

test('pure rooms import nothing that touches the world', () => {
  const worldly = sources
    .filter((file) => PURE.includes(roomOf(file)))
    .filter((file) => /from '(?:node:(?!crypto|buffer|path|util)|@duckdb)/.test(readFileSync(file, 'utf8')))
    .map((file) => relative(src, file));
  expect(worldly).toEqual([]);
});
