import type { NodeId } from '../../core/node-id.ts';
import type { Span } from '../../core/source.ts';
import { callInText } from '../data-tests/call-in-text.ts';
import type { GraphNode } from '../manifest.ts';
import type { Draft, DraftNode } from '../nodes/draft.ts';
import type { Found, Resolver } from './resolver.ts';

/** Turns every ref and source into an edge, and says of each that leads nowhere why. */
export function linkNodes(draft: Draft, resolver: Resolver): void {
  for (const drafted of draft.nodes.values()) linkNode(draft, resolver, drafted);
  for (const { node, at } of draft.exposures.values()) {
    const nodes = new Set(node.depends_on.nodes.filter((id) => id in draft.passedThrough.metrics));
    for (const ref of node.refs) {
      const found = resolver.ref(ref, node.package_name);
      if (found.kind === 'found') nodes.add(found.node.unique_id);
      else reportRef(draft, found, `the exposure \`${node.name}\``, refText(ref), at);
    }
    for (const [source, table] of node.sources) {
      const found = resolver.source(source, table, node.package_name);
      if (found.kind === 'found') nodes.add(found.node.unique_id);
      else reportSource(draft, found, `the exposure \`${node.name}\``, source, table, at);
    }
    node.depends_on = { macros: [], nodes: [...nodes] };
  }
  // What a macro's text reads is called as its test calls it.
  for (const { node, at } of draft.unitTests.values())
    for (const { input } of node.args === undefined ? node.given : []) {
      const call = callInText(input);
      if (call === undefined)
        draft.report({
          code: 'compile/wrong-reference',
          message: `the input \`${input}\` of the unit test \`${node.name}\` is no reference`,
          at,
          hint: "write ref('orders'), source('shop', 'orders') or this",
        });
      else if (call.kind === 'ref') {
        const found = resolver.ref(call, node.package_name);
        if (found.kind !== 'found') reportRef(draft, found, `the unit test \`${node.name}\``, refText(call), at);
      } else if (call.kind === 'source') {
        const found = resolver.source(call.source, call.table, node.package_name);
        if (found.kind !== 'found')
          reportSource(draft, found, `the unit test \`${node.name}\``, call.source, call.table, at);
      }
    }
}

function linkNode(draft: Draft, resolver: Resolver, drafted: DraftNode): void {
  const { node } = drafted;
  const nodes = new Set<NodeId>();
  const what = () => `the ${node.resource_type === 'operation' ? 'hook' : node.resource_type} \`${node.name}\``;
  for (const [index, ref] of node.refs.entries()) {
    const where = () => drafted.refSpans[index] ?? drafted.at;
    const found = resolver.ref(ref, node.package_name);
    if (found.kind !== 'found') {
      if (!reportDisabledTest(draft, drafted, found)) reportRef(draft, found, what(), refText(ref), where());
      continue;
    }
    nodes.add(found.node.unique_id);
    checkAccess(draft, node, found.node, where);
    checkDeprecation(draft, node, found.node, where);
  }
  for (const [index, [source, table]] of node.sources.entries()) {
    const found = resolver.source(source, table, node.package_name);
    if (found.kind === 'found') nodes.add(found.node.unique_id);
    else if (!reportDisabledTest(draft, drafted, found))
      reportSource(draft, found, what(), source, table, drafted.sourceSpans[index] ?? drafted.at);
  }
  if (node.resource_type === 'model') linkForeignKeys(draft, resolver, drafted, nodes);
  node.depends_on = { macros: node.depends_on.macros, nodes: [...nodes] };
}

function linkForeignKeys(draft: Draft, resolver: Resolver, { node, at }: DraftNode, nodes: Set<NodeId>): void {
  for (const constraint of foreignKeys(node)) {
    const call = callInText(constraint);
    if (call?.kind !== 'ref') continue;
    const found = resolver.ref(call, node.package_name);
    if (found.kind !== 'found')
      reportRef(draft, found, `a constraint of the model \`${node.name}\``, refText(call), at);
    // A row may refer to another of the same model; that is no reason to build it first.
    else if (found.node !== node) nodes.add(found.node.unique_id);
  }
}

function* foreignKeys(node: GraphNode): Generator<string> {
  for (const { type, to } of node.constraints) if (type === 'foreign_key' && to !== null) yield to;
  for (const name in node.columns)
    for (const { type, to } of node.columns[name]?.constraints ?? [])
      if (type === 'foreign_key' && to !== null) yield to;
}

/** A data test on something disabled is disabled with it, as in dbt. */
function reportDisabledTest(draft: Draft, drafted: DraftNode, found: Found<unknown>): boolean {
  if (found.kind !== 'disabled' || drafted.node.resource_type !== 'test') return false;
  draft.nodes.delete(drafted.node.unique_id);
  draft.disable({ ...drafted.node, config: { ...drafted.node.config, enabled: false } });
  draft.report({
    code: 'compile/disabled-ref',
    severity: 'warning',
    message: `the test \`${drafted.node.name}\` is left out because it reads \`${found.id}\`, which is disabled`,
    at: drafted.at,
  });
  return true;
}

interface WrittenRef {
  readonly name: string;
  readonly package: string | null;
  readonly version: string | number | null;
}

const refText = ({ name, package: from, version }: WrittenRef): string =>
  `ref(${from === null ? '' : `'${from}', `}'${name}'${version === null ? '' : `, v=${version}`})`;

function reportRef(
  draft: Draft,
  found: Exclude<Found<unknown>, { kind: 'found' }>,
  what: string,
  text: string,
  at: Span,
): void {
  if (found.kind === 'disabled')
    draft.report({
      code: 'compile/disabled-ref',
      message: `${what} reads ${text}, which is disabled`,
      at,
      hint: 'enable it, or remove the reference',
    });
  else
    draft.report({
      code: 'compile/unknown-ref',
      message: `${what} reads ${text}, which does not exist`,
      at,
      hint: found.hint,
    });
}

function reportSource(
  draft: Draft,
  found: Exclude<Found<unknown>, { kind: 'found' }>,
  what: string,
  source: string,
  table: string,
  at: Span,
): void {
  const text = `source('${source}', '${table}')`;
  if (found.kind === 'disabled')
    draft.report({ code: 'compile/disabled-ref', message: `${what} reads ${text}, which is disabled`, at });
  else
    draft.report({
      code: 'compile/unknown-source',
      message: `${what} reads ${text}, which does not exist`,
      at,
      hint: found.hint ?? 'declare it under `sources:` in a property file',
    });
}

function checkAccess(draft: Draft, reader: GraphNode, read: GraphNode, where: () => Span): void {
  if (read.resource_type !== 'model' || read.access === 'public') return;
  // The tests of a model are its own, and an operation belongs to the project.
  if (reader.attached_node === read.unique_id || reader.resource_type === 'operation') return;
  if (read.access === 'private' && (read.group === null || reader.group !== read.group)) {
    if (read.group === null && reader.package_name === read.package_name) return;
    draft.report({
      code: 'compile/private-ref',
      message: `the model \`${read.name}\` is private to the group \`${read.group ?? 'none'}\`, and \`${reader.name}\` is not in it`,
      at: where(),
      hint: `put \`${reader.name}\` into the group, or make \`${read.name}\` protected`,
    });
    return;
  }
  if (reader.package_name === read.package_name) return;
  const restricted =
    draft.world.project.packages.find(({ name }) => name === read.package_name)?.settings.restrictAccess === true;
  if (restricted)
    draft.report({
      code: 'compile/protected-ref',
      message: `the model \`${read.name}\` is protected inside the package \`${read.package_name}\``,
      at: where(),
      hint: 'only its public models can be read from other packages',
    });
}

function checkDeprecation(draft: Draft, reader: GraphNode, read: GraphNode, where: () => Span): void {
  if (read.deprecation_date === null) return;
  const day = read.deprecation_date.slice(0, 10);
  const past = Date.parse(read.deprecation_date) <= draft.world.options.runStartedAt.getTime();
  const newer = read.version !== null && String(read.version) !== String(read.latest_version);
  draft.report({
    code: 'compile/deprecated-ref',
    severity: 'warning',
    message: `\`${reader.name}\` reads \`${read.name}\`${read.version === null ? '' : ` version ${read.version}`}, which ${past ? 'was' : 'will be'} deprecated on ${day}.`,
    at: where(),
    hint: newer ? `read version ${read.latest_version} instead` : undefined,
  });
}
