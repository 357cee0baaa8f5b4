/** `overrides: PACKAGE` of a source in the project: what it says counts more than what the package's own source of that name says. */
import { didYouMean } from '../../core/nearest.ts';
import type { JsonObject, Located, Package, SourceProperties, SourceTableProperties } from '../../project/project.ts';
import type { Draft } from './draft.ts';

type Path = readonly (string | number)[];

/** The sources of a package as the project wants them; without those of the project's own that only change another package's. */
export function overriddenSources(draft: Draft, owner: Package): readonly Located<SourceProperties>[] {
  const { root, packages } = draft.world.project;
  if (owner === root) return root.properties.sources.filter((source) => !changesAnother(draft, source, packages));
  return owner.properties.sources.map((source) =>
    root.properties.sources
      .filter(({ value }) => value.overrides === owner.name && value.name === source.value.name)
      .reduce(overridden, source),
  );
}

function changesAnother(draft: Draft, source: Located<SourceProperties>, packages: readonly Package[]): boolean {
  const { overrides, name, tables } = source.value;
  if (overrides === undefined || overrides === null) return false;
  const other = packages.find((candidate) => candidate.name === overrides);
  const names = other?.properties.sources.map(({ value }) => value.name) ?? [];
  const nothing = (message: string, path: Path, wanted: string, known: readonly string[]) =>
    draft.report({ code: 'compile/unknown-override', message, at: source.span(path), hint: didYouMean(wanted, known) });
  const same = other?.properties.sources.filter(({ value }) => value.name === name) ?? [];
  const known = same.flatMap(({ value }) => (value.tables ?? []).map((table) => table.name));
  if (other === undefined)
    nothing(
      `the source \`${name}\` overrides one of the package \`${overrides}\`, which is not installed`,
      ['overrides'],
      overrides,
      packages.map((each) => each.name),
    );
  else if (same.length === 0)
    nothing(`the package \`${overrides}\` has no source \`${name}\` to override`, ['name'], name, names);
  else
    for (const [index, table] of (tables ?? []).entries())
      if (!known.includes(table.name))
        nothing(
          `the source \`${name}\` of the package \`${overrides}\` has no table \`${table.name}\` to override`,
          ['tables', index, 'name'],
          table.name,
          known,
        );
  return true;
}

function overridden(source: Located<SourceProperties>, change: Located<SourceProperties>): Located<SourceProperties> {
  const changes = change.value.tables ?? [];
  const tables = (source.value.tables ?? []).map((table): SourceTableProperties => {
    const own = changes.find(({ name }) => name === table.name);
    return own === undefined ? table : { ...table, ...own, config: joined(table.config, own.config) };
  });
  const { tables: _, overrides: __, ...rest } = change.value;
  return {
    file: source.file,
    value: { ...source.value, ...rest, config: joined(source.value.config, change.value.config), tables },
    // A place is where the value that counts is written.
    span: (path = []) => {
      const [first, position, key] = path;
      if (first !== 'tables') return String(first) in rest ? change.span(path) : source.span(path);
      const name = tables[Number(position)]?.name;
      const index = changes.findIndex((table) => table.name === name);
      const own = changes[index];
      return own !== undefined && key !== undefined && String(key) in own
        ? change.span(['tables', index, ...path.slice(2)])
        : source.span(path);
    },
  };
}

const joined = (config: JsonObject | null | undefined, own: JsonObject | null | undefined): JsonObject => ({
  ...config,
  ...own,
});
