/** What somebody means by a name on the command line. */
import type { Manifest } from '../../compile/manifest.ts';
import { DqlError } from '../../core/diagnostic.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { NodeId } from '../../core/node-id.ts';

export interface FoundNode {
  readonly id: NodeId;
  /** What stands behind the node's name, when it is no node itself: `amount` of `orders.amount`. */
  readonly column: string | undefined;
}

/** Every name of every node: unique id, name, `package.name`, `source.table`, `orders.v2`, a test's own `id`. */
function names(manifest: Manifest, kinds: readonly string[]): ReadonlyMap<string, readonly NodeId[]> {
  const found = new Map<string, NodeId[]>();
  const call = (name: string, id: NodeId) => {
    const known = found.get(name.toLowerCase()) ?? [];
    if (!known.includes(id)) found.set(name.toLowerCase(), [...known, id]);
  };
  for (const node of [
    ...Object.values(manifest.nodes),
    ...Object.values(manifest.unit_tests),
    ...Object.values(manifest.exposures),
  ]) {
    if (!kinds.includes(node.resource_type)) continue;
    for (const prefix of ['', `${node.package_name}.`, `${node.resource_type}:`])
      call(`${prefix}${node.name}`, node.unique_id);
    call(node.unique_id, node.unique_id);
    if (node.resource_type === 'test' && typeof node.config['id'] === 'string') call(node.config['id'], node.unique_id);
    if ('version' in node && node.version !== null) call(`${node.name}.v${node.version}`, node.unique_id);
  }
  if (kinds.includes('source'))
    for (const source of Object.values(manifest.sources)) {
      const name = `${source.source_name}.${source.name}`;
      for (const each of [name, `source:${name}`, `${source.package_name}.${name}`, source.unique_id])
        call(each, source.unique_id);
    }
  return found;
}

/**
 * The node, or the column of a node, that `text` names. Rejects with DqlError and a did-you-mean when there is none, or several.
 * @param kinds resource types that may be meant
 */
export function findNode(manifest: Manifest, text: string, kinds: readonly string[], what = 'node'): FoundNode {
  const known = names(manifest, kinds);
  const whole = known.get(text.toLowerCase());
  if (whole) return { id: only(whole, text), column: undefined };
  // Columns may have dots in their names, too: the longest node's name wins.
  for (let dot = text.lastIndexOf('.'); dot > 0; dot = text.lastIndexOf('.', dot - 1)) {
    const part = known.get(text.slice(0, dot).toLowerCase());
    if (part) return { id: only(part, text.slice(0, dot)), column: text.slice(dot + 1) };
  }
  const candidates = [...known.keys()].filter(
    (name) => !/^\w+:|^(model|source|seed|snapshot|test|exposure|unit_test)\./.test(name),
  );
  const name =
    text.includes('.') && !candidates.some((each) => each.includes('.') && didYouMean(text, [each]))
      ? text.slice(0, text.indexOf('.'))
      : text;
  throw new DqlError([
    {
      code: 'app/unknown-node',
      severity: 'error',
      message: `there is no ${what} called \`${text}\``,
      hint: didYouMean(name, candidates) ?? 'list them with dql ls',
    },
  ]);
}

function only(ids: readonly NodeId[], text: string): NodeId {
  const [id = '', ...others] = ids;
  if (others.length === 0) return id;
  throw new DqlError([
    {
      code: 'app/ambiguous-node',
      severity: 'error',
      message: `\`${text}\` may be any of ${ids.map((each) => `\`${each}\``).join(', ')}`,
      hint: 'use the unique id',
    },
  ]);
}
