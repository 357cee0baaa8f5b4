/** What nobody below dql makes: files and tables that sources stand for. Finds out whether they changed, as cheaply as can be trusted. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { globSync } from 'tinyglobby'; // finds the files a pattern names
import type { Manifest, SourceNode } from '../../compile/manifest.ts';
import { EngineError } from '../../core/engine-error.ts';
import type { NodeId } from '../../core/node-id.ts';
import { fileMark, mayStillChange } from '../../disk/file-mark.ts';
import type { Connection } from '../../engine/engine.ts';
import type { InputRecord, LedgerState } from '../../ledger/records.ts';
import { relationHash } from '../../run/content.ts';

export interface OutsideContent {
  readonly contentId: string;
  /** "2 new files", "the file changed". */
  readonly change?: string | undefined;
}

export interface Outside {
  readonly contents: ReadonlyMap<NodeId, OutsideContent>;
  /** What the ledger should remember for next time. */
  readonly seen: readonly InputRecord[];
  readonly watched: Watched;
}

/** What can be looked at again without asking the warehouse. */
export interface Watched {
  /** Marks of files by absolute path; undefined where there is none. */
  readonly marks: ReadonlyMap<string, string | undefined>;
  /** The files that patterns named, by pattern. */
  readonly patterns: ReadonlyMap<string, readonly string[]>;
  /** Relations whose rows were looked at, as SQL names. */
  readonly relations: readonly string[];
  /** False when something is outside that can only be asked. */
  readonly isComplete: boolean;
}

/** Files a source reads: a path or pattern, or the quoted paths inside a DuckDB table function. Null for a table of the warehouse. */
export const filesOf = (source: SourceNode, folder: string): readonly string[] | null =>
  placesOf(source, folder)?.flatMap(filesAt) ?? null;

/** Absolute paths and patterns of files on this machine. */
function placesOf(source: SourceNode, folder: string): readonly string[] | null {
  const location = externalLocation(source);
  if (location === null) return null;
  const named = /^\w+\s*\(/.test(location)
    ? [...location.matchAll(/'((?:[^']|'')*)'/g)].map(([, path = '']) => path.replaceAll("''", "'"))
    : [location];
  return named
    .filter((path) => !/^[a-z][a-z0-9+.-]*:\/\//i.test(path))
    .map((path) => (isAbsolute(path) ? path : join(folder, path)));
}

const isPattern = (place: string): boolean => /[*?[{]/.test(place);

/** The files that a place names now. */
export const filesAt = (place: string): readonly string[] =>
  isPattern(place) ? globSync(place, { absolute: true }).sort() : [place];

/** dql's and dbt-duckdb's spellings of where an external source is. */
export function externalLocation(source: SourceNode): string | null {
  const candidates = [
    source.external?.['location'],
    source.config['external_location'],
    source.meta['external_location'],
    source.source_meta['external_location'],
  ];
  const found = candidates.find((value) => typeof value === 'string' && value !== '');
  return typeof found === 'string'
    ? found
        .replaceAll('{name}', source.name)
        .replaceAll('{identifier}', source.identifier)
        .replaceAll('{schema}', source.schema)
    : null;
}

/** True of the content of a node's rows that were read where another environment, or somebody else, has them: no version of ours. */
export const isForeign = (manifest: Manifest, input: NodeId, contentId: string): boolean =>
  !(input in manifest.sources) && contentId.startsWith('table:');

/** The mark of a table of another engine, or of files far away, that no `change_marker` speaks for. */
const UNMARKED = 'unmarked';

/**
 * Looks at every source among `ids`, and at relations that dql did not build.
 * @param elsewhere attached databases of other engines: their tables count as changed unless a `change_marker` says otherwise
 */
export async function lookOutside(
  manifest: Manifest,
  ids: ReadonlySet<NodeId>,
  unmanaged: ReadonlyMap<NodeId, string>,
  state: LedgerState,
  folder: string,
  connection: Connection,
  now: Date,
  elsewhere: ReadonlySet<string> = new Set(),
): Promise<Outside> {
  const contents = new Map<NodeId, OutsideContent>();
  const seen: InputRecord[] = [];
  const marks = new Map<string, string | undefined>();
  const unmarked = new Set<NodeId>();
  const remember = (input: string, mark: string, contentId: string): void => {
    const before = state.inputs.get(input);
    if (before?.mark !== mark || before.content_id !== contentId)
      seen.push({ input, mark, content_id: contentId, seen_at: now.toISOString() });
  };
  for (const id of ids) {
    const source = manifest.sources[id];
    if (!source) continue;
    const input = `source:${id}`;
    const before = state.inputs.get(input);
    const content = await sourceContent(source, folder, state, remember, connection, elsewhere, now, marks);
    if (content.mark === UNMARKED) unmarked.add(id);
    remember(input, content.mark, content.contentId);
    contents.set(id, {
      contentId: content.contentId,
      change:
        content.mark === UNMARKED
          ? (content.why ?? 'nothing tells whether its rows changed: it has no change_marker')
          : before && before.content_id !== content.contentId
            ? changeOf(before.mark, content.mark)
            : undefined,
    });
  }
  for (const [id, relation] of unmanaged) {
    const answer = await relationContent(relation, undefined, connection);
    contents.set(id, { contentId: answer.contentId ?? `unreadable:${relation}` });
  }
  return { contents, seen, watched: watchedOf(manifest, ids, unmanaged, folder, marks, unmarked) };
}

function watchedOf(
  manifest: Manifest,
  ids: ReadonlySet<NodeId>,
  unmanaged: ReadonlyMap<NodeId, string>,
  folder: string,
  marks: Watched['marks'],
  unmarked: ReadonlySet<NodeId>,
): Watched {
  const sources = [...ids].flatMap((id) => manifest.sources[id] ?? []);
  const places = sources.map((source) => placesOf(source, folder));
  const patterns = new Map(
    places.flatMap((each) => (each ?? []).filter(isPattern).map((pattern) => [pattern, filesAt(pattern)] as const)),
  );
  return {
    marks,
    patterns,
    relations: [
      ...sources.flatMap((source, index) => (places[index] ? [] : source.relation_name)),
      ...unmanaged.values(),
    ],
    isComplete:
      unmarked.size === 0 &&
      sources.every((source) => markerOf(source) === undefined) &&
      // A file may have come since the content was looked at.
      [...patterns.values()].flat().every((file) => marks.has(file)),
  };
}

const markerOf = (source: SourceNode): string | undefined => {
  const marker = source.config['change_marker'] ?? source.meta['change_marker'];
  return typeof marker === 'string' ? marker : undefined;
};

interface Content {
  readonly mark: string;
  readonly contentId: string;
  /** Why nobody can tell whether it changed, where there is more to say than that nobody was asked. */
  readonly why?: string | undefined;
}

/** By the user's `change_marker`, else files by their bytes and tables by their rows; what is far away counts as changed. */
async function sourceContent(
  source: SourceNode,
  folder: string,
  state: LedgerState,
  remember: (input: string, mark: string, contentId: string) => void,
  connection: Connection,
  elsewhere: ReadonlySet<string>,
  now: Date,
  marks: Map<string, string | undefined>,
): Promise<Content> {
  const marker = markerOf(source);
  const files = filesOf(source, folder);
  if (marker === undefined) {
    // Hashing would fetch every row of a database, or of files, that may be far away.
    const isFar = files === null ? elsewhere.has(source.database) : externalLocation(source)?.includes('://');
    if (isFar) return { mark: UNMARKED, contentId: `${UNMARKED}:${now.toISOString()}` };
    if (files !== null) return filesContent(files, readingOf(source), state, remember, marks);
  }
  const { contentId, why } = await relationContent(source.relation_name, marker, connection);
  if (contentId !== undefined) return { mark: contentId, contentId };
  return { mark: UNMARKED, contentId: `unreadable:${source.relation_name}:${now.toISOString()}`, why };
}

/** Size and times are trusted while they stay; when they differ the content itself decides. */
async function filesContent(
  files: readonly string[],
  reading: string,
  state: LedgerState,
  remember: (input: string, mark: string, contentId: string) => void,
  marks: Map<string, string | undefined>,
): Promise<Content> {
  const hashes: string[] = [];
  for (const file of files) {
    const found = fileMark(file);
    const mark = found !== undefined && mayStillChange(found) ? `${found}:just now` : found;
    marks.set(file, mark);
    if (found === undefined || mark === undefined) {
      hashes.push(`${file}:missing`);
      continue;
    }
    const input = `file:${file}`;
    const before = state.inputs.get(input);
    const hash = before?.mark === found ? before.content_id : await fileHash(file);
    remember(input, mark, hash);
    hashes.push(`${file}:${hash}`);
  }
  const read = reading === '' ? [] : [`${READ}${reading}`];
  return {
    mark: [...files, ...read].join('\n'),
    contentId: `files:${createHash('sha256')
      .update([...hashes, ...read].join('\n'))
      .digest('hex')
      .slice(0, 32)}`,
  };
}

/** In a mark before the way in which files are read. */
const READ = 'read: ';

/** What else than its files decides what a source's rows are; empty for files that are read as they come. */
function readingOf(source: SourceNode): string {
  const { format, options } = source.external ?? {};
  const location = externalLocation(source) ?? '';
  const said = [format, options, /^\w+\s*\(/.test(location) ? location : undefined].map((each) => each ?? null);
  return said.every((each) => each === null) ? '' : JSON.stringify(said);
}

async function fileHash(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer); // a stream without encoding yields buffers
  return hash.digest('hex').slice(0, 32);
}

/**
 * The content of a relation by hashing it, or by what the user's `change_marker` answers, a query or an expression over it. What cannot be
 * read, or answers nothing but NULL, counts as changed; why is told, and whoever reads it will say more at its own place.
 */
export async function relationContent(
  relation: string,
  marker: string | undefined,
  connection: Connection,
): Promise<
  { readonly contentId: string; readonly why?: undefined } | { readonly contentId?: undefined; readonly why: string }
> {
  try {
    if (marker === undefined) return { contentId: `table:${await relationHash(connection, relation)}` };
    const query = /^\s*(select|with|from|values)\b/i.test(marker) ? marker : `select ${marker} from ${relation}`;
    const { rows } = await connection.query(query);
    if (rows.flat().every((cell) => cell === null)) return { why: 'its change_marker answers nothing' };
    // The engine gives them in any order.
    const answers = rows.map((row) => row.map(String)).sort((left, right) => (String(left) < String(right) ? -1 : 1));
    return { contentId: `marker:${JSON.stringify([query, ...answers])}` };
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind === 'interrupted') throw error;
    const what = marker === undefined ? 'it could not be read' : 'its change_marker could not be asked';
    return { why: `${what}: ${error.message.split('\n')[0]}` };
  }
}

function changeOf(before: string, after: string): string {
  const [old, now] = [new Set(before.split('\n')), new Set(after.split('\n'))];
  if (after.startsWith('marker:')) return 'its change_marker answers something else';
  if (after.startsWith('table:')) return rowsIn(before) === rowsIn(after) ? 'its columns changed' : 'its rows changed';
  const added = [...now].filter((file) => !old.has(file) && !file.startsWith(READ)).length;
  const gone = [...old].filter((file) => !now.has(file) && !file.startsWith(READ)).length;
  const parts = [
    ...(added > 0 ? [`${added} new ${added === 1 ? 'file' : 'files'}`] : []),
    ...(gone > 0 ? [`${gone} ${gone === 1 ? 'file' : 'files'} gone`] : []),
  ];
  if (parts.length > 0) return parts.join(', ');
  const [readBefore, readNow] = [old, now].map((lines) => [...lines].find((line) => line.startsWith(READ)));
  return readBefore === readNow ? 'the file changed' : 'it is read in another way';
}

/** The part of a table's mark that its rows make. */
const rowsIn = (mark: string): string => mark.split(':', 3).join(':');
