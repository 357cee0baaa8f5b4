import type { Json } from '../core/node-id.ts';
import type { SourceFile } from '../core/source.ts';
import { compilation } from './compile/compilation.ts';
import type { Unit } from './compile/compiler.ts';
import { Program } from './compile/program.ts';
import type { Block, FreeName, StaticCall, Template } from './contract.ts';
import type { Body } from './syntax/nodes.ts';

/** Changes whenever the tree does, so that what an older dql wrote is parsed anew. */
const VERSION = 1;

/** What is written; the file's text is not, because whoever knows that it has not changed has it at hand. */
interface Dehydrated {
  readonly version: number;
  readonly unit: Pick<Unit, 'offset' | 'mode'>;
  readonly body: Body;
  readonly blocks: readonly (Omit<Block, 'text' | 'body'> & { readonly bodyEnd: number })[];
  readonly calls: readonly StaticCall[];
  readonly freeNames: readonly FreeName[];
  readonly plain: boolean;
}

/** A parsed template as JSON, to be kept under the hash of its file's text and options. Reading it back costs a third of parsing. */
export function dehydrate(template: Template): Json {
  const { unit, body } = programOf(template);
  const written: Dehydrated = {
    version: VERSION,
    unit: { offset: unit.offset, mode: unit.mode },
    body,
    blocks: template.blocks.map(({ text: _, body: inner, ...block }) => ({
      ...block,
      bodyEnd: block.bodyStart + inner.length,
    })),
    calls: template.calls,
    freeNames: template.freeNames,
    plain: template.plain,
  };
  return JSON.parse(JSON.stringify(written, withTypename));
}

/** The inherited parser's nodes keep their type in the prototype, where JSON does not look. */
function withTypename(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('typename' in value) || Object.hasOwn(value, 'typename'))
    return value;
  return { ...value, typename: value.typename };
}

/** The template that `dehydrate` wrote, over the same text; undefined when another version of dql wrote it. */
export function hydrate(json: Json, file: SourceFile): Template | undefined {
  if (!isDehydrated(json)) return undefined;
  const { offset, mode } = json.unit;
  const unit: Unit = { path: file.path, text: file.text, offset, mode, escaping: false };
  return {
    file,
    blocks: json.blocks.map(({ bodyEnd, ...block }) => ({
      ...block,
      text: file.text.slice(block.at.start - offset, block.at.end - offset),
      body: file.text.slice(block.bodyStart - offset, bodyEnd - offset),
    })),
    calls: json.calls,
    freeNames: json.freeNames,
    plain: json.plain,
    program: new Program(file.path, json.body, unit, compilation),
  };
}

const isDehydrated = (json: unknown): json is Dehydrated =>
  typeof json === 'object' && json !== null && 'version' in json && json.version === VERSION;

function programOf(template: Template): Program {
  if (template.program instanceof Program) return template.program;
  throw new Error(`${template.file.path} was not parsed by this room`);
}
