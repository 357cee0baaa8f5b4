/** Which rows of sources a sampled target reads: those whose key falls into the sample, and those that refer to such rows. */
import type { Manifest } from '../../compile/manifest.ts';
import type { NodeId } from '../../core/node-id.ts';
import { quotedIdentifier } from '../../core/quote.ts';

/** A column of one source holds values of a column of another. */
export interface SourceLink {
  readonly from: SourceColumn;
  readonly to: SourceColumn;
}

export interface SourceColumn {
  readonly source: NodeId;
  readonly column: string;
}

/** `all`: the source is read whole. */
export type SampleRule = 'all' | SampledBy;

interface SampledBy {
  readonly key: SampleKey | null;
  /** The rows it refers to by its key decide; without, or where there is no such row, the key itself. */
  readonly follows: SourceColumn | null;
}

/** Null stands for the row itself. */
type SampleKey = { readonly column: string } | { readonly sql: string };

export interface Sampling {
  /** Percent of rows, more than 0 and less than 100. */
  readonly percent: number;
  readonly rules: ReadonlyMap<NodeId, SampleRule>;
}

/** A source's `sample_key`: a column or SQL, or false for all of its rows. */
export const sampleKeyOf = (manifest: Manifest, source: NodeId): string | false | undefined => {
  const key = manifest.sources[source]?.config['sample_key'];
  return typeof key === 'string' && key.trim() !== '' ? key.trim() : key === false ? false : undefined;
};

/**
 * How each source is sampled so that no link that holds on all rows breaks: a source follows what it refers to by the first of its
 * links, or by the one that `sample_key` names; what others refer to without following it is read whole.
 * @param keys a column of each source that tells its rows apart, where one is known
 */
export function sampleRules(
  manifest: Manifest,
  links: readonly SourceLink[],
  keys: ReadonlyMap<NodeId, string>,
): ReadonlyMap<NodeId, SampleRule> {
  const sources = Object.keys(manifest.sources);
  const followed = new Map<NodeId, SourceLink>();
  for (const source of sources) {
    const key = sampleKeyOf(manifest, source);
    if (key === false) continue;
    const link = links.find(
      ({ from, to }) =>
        from.source === source &&
        (key === undefined || sameName(from.column, key)) &&
        !leadsTo(followed, to.source, source),
    );
    if (link) followed.set(source, link);
  }
  const whole = readWhole(manifest, links, followed);
  return new Map(
    sources.map((source): readonly [NodeId, SampleRule] => {
      const key = sampleKeyOf(manifest, source);
      if (key === false || whole.has(source)) return [source, 'all'];
      const link = followed.get(source);
      if (link) return [source, { key: { column: link.from.column }, follows: link.to }];
      if (key !== undefined)
        return [source, { key: /^\w+$/.test(key) ? { column: key } : { sql: key }, follows: null }];
      const asked = links.find(({ to }) => to.source === source)?.to.column ?? keys.get(source);
      return [source, { key: asked === undefined ? null : { column: asked }, follows: null }];
    }),
  );
}

/** What is asked for whole, and what is referred to by rows that do not follow it, or by all rows of a source. */
function readWhole(
  manifest: Manifest,
  links: readonly SourceLink[],
  followed: ReadonlyMap<NodeId, SourceLink>,
): ReadonlySet<NodeId> {
  const whole = new Set(Object.keys(manifest.sources).filter((source) => sampleKeyOf(manifest, source) === false));
  const isKept = ({ from, to }: SourceLink): boolean => {
    const link = whole.has(from.source) ? undefined : followed.get(from.source);
    return link?.to.source === to.source && sameName(link.to.column, to.column);
  };
  for (let known = -1; known < whole.size; ) {
    known = whole.size;
    for (const link of links)
      if (!isKept(link) && sampleKeyOf(manifest, link.to.source) === undefined) whole.add(link.to.source);
  }
  return whole;
}

/** Whether who follows `from` comes to `to`. */
function leadsTo(followed: ReadonlyMap<NodeId, SourceLink>, from: NodeId, to: NodeId): boolean {
  if (from === to) return true;
  const next = followed.get(from);
  return next !== undefined && leadsTo(followed, next.to.source, to);
}

/** The source whose rows decide about those of this one; undefined when it is read whole. Sources with a `sample_key` share its values. */
export function sampleRoot({ rules }: Sampling, manifest: Manifest, source: NodeId): string | undefined {
  const rule = rules.get(source) ?? 'all';
  if (rule === 'all') return undefined;
  const above = rule.follows && sampleRoot({ percent: 0, rules }, manifest, rule.follows.source);
  return above ?? (sampleKeyOf(manifest, source) === undefined ? source : 'sample_key');
}

/** A source as a sampled target reads it; always the same rows, whatever order they are read in. */
export function sampledRows(sampling: Sampling, source: NodeId, objectOf: (source: NodeId) => string): string {
  const condition = inSample(sampling, source, objectOf, 'source_rows', 1);
  const object = objectOf(source);
  return condition === undefined ? object : `(select * from ${object} as source_rows where ${condition})`;
}

/** Undefined: every row is. */
function inSample(
  sampling: Sampling,
  source: NodeId,
  objectOf: (source: NodeId) => string,
  alias: string,
  depth: number,
): string | undefined {
  const rule = sampling.rules.get(source) ?? 'all';
  if (rule === 'all') return undefined;
  const key = textOf(rule.key, alias);
  const own = `hash(${key === undefined ? alias : `coalesce(${key}, ${alias}::varchar)`}) % 10000 < ${Math.round(sampling.percent * 100)}`;
  const { follows } = rule;
  const above = follows && sampling.rules.get(follows.source);
  // The same value falls into the sample on both sides.
  if (!follows || !above || above === 'all' || isDecidedBy(above, follows.column)) return own;
  const parent = `referred_${depth}`;
  const condition = inSample(sampling, follows.source, objectOf, parent, depth + 1);
  const referred = `select 1 from ${objectOf(follows.source)} as ${parent} where ${textOf(follows, parent)} = ${key}`;
  return `(exists (${referred} and ${condition}) or (${own} and not exists (${referred})))`;
}

const isDecidedBy = ({ key, follows }: SampledBy, column: string): boolean =>
  follows === null && key !== null && 'column' in key && sameName(key.column, column);

/** As text, because keys of different types are the same. */
const textOf = (key: SampleKey | null, alias: string): string | undefined =>
  key === null
    ? undefined
    : 'sql' in key
      ? `(${key.sql})::varchar`
      : `${alias}.${quotedIdentifier(key.column)}::varchar`;

const sameName = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();
