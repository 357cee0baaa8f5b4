/** What can be found wrong once everything is known: names nobody defines, groups, materializations, literal references, cycles. */
import { didYouMean } from '../../core/nearest.ts';
import type { NodeId } from '../../core/node-id.ts';
import type { Span } from '../../core/source.ts';
import { adapterMethods } from '../context/adapter-value.ts';
import { contextNames } from '../context/context-members.ts';
import { findCycle } from '../graph.ts';
import type { Draft, DraftNode } from '../nodes/draft.ts';
import { usedNames } from '../templates/parse-sql.ts';
import type { UsedName } from '../templates/parsed-template.ts';

/** Names used by templates and macros that nothing defines. */
export function checkNames(draft: Draft): void {
  const { library, project } = draft.world;
  const isKnown = (name: string, packageName: string, extra?: ReadonlySet<string>): boolean => {
    const dot = name.indexOf('.');
    const root = dot < 0 ? name : name.slice(0, dot);
    if (extra?.has(root)) return true;
    if (name.startsWith('adapter.')) return adapterMethods.includes(name.split('.')[1] ?? '');
    if (library.find(root, packageName, packageName) !== undefined || contextNames.has(root)) return true;
    if (!library.hasPackage(root)) return false;
    return dot < 0 || library.in(root, name.split('.')[1] ?? '') !== undefined;
  };
  const report = ({ name, called }: UsedName, at: Span, packageName: string): void => {
    if (name.startsWith('adapter.'))
      draft.report({
        code: 'compile/unknown-adapter-method',
        message: `the adapter has no method \`${name.slice('adapter.'.length)}\``,
        at,
        hint: didYouMean(name.slice('adapter.'.length), adapterMethods),
      });
    else
      draft.report({
        code: called ? 'compile/unknown-macro' : 'compile/unknown-name',
        message: called ? `there is no macro \`${name}\`` : `\`${name}\` is not defined`,
        at,
        hint: library.suggestion(name, packageName, contextNames) ?? missingPackage(name),
      });
  };
  const missingPackage = (name: string): string | undefined => {
    const [root = '', ...rest] = name.split('.');
    return rest.length === 0 || library.hasPackage(root) || contextNames.has(root)
      ? undefined
      : `no package \`${root}\` is installed: put it below the folder of packages, dbt_packages/`;
  };
  const reported = new Set(
    draft.diagnostics.flatMap(({ at, severity }) => (at && severity === 'error' ? [`${at.file}\0${at.start}`] : [])),
  );
  const once = (used: UsedName, at: Span, packageName: string): void => {
    const key = `${at.file}\0${at.start}`;
    if (reported.has(key)) return;
    reported.add(key);
    report(used, at, packageName);
  };
  for (const drafted of draft.nodes.values()) {
    const { node, parsed } = drafted;
    for (const used of parsed?.names ?? [])
      if (!isKnown(used.name, node.package_name, RUN_END))
        once(used, { file: drafted.at.file, start: used.at[0], end: used.at[1] }, node.package_name);
  }
  for (const macro of library.all()) {
    if (macro.packageName === 'dbt') continue;
    // Installed packages hold macros for other databases; their unknown names fail when they are called.
    if (macro.packageName !== project.root.name) continue;
    const given = macro.block.kind === 'materialization' ? MATERIALIZING : RUN_END;
    for (const used of usedNames(macro.block))
      if (!isKnown(used.name, macro.packageName, given))
        once(used, { file: macro.block.at.file, start: used.at[0], end: used.at[1] }, macro.packageName);
  }
}

/** Names that only some templates are given. */
const RUN_END: ReadonlySet<string> = new Set([
  'results',
  'schemas',
  'database_schemas',
  'doc',
  'caller',
  'varargs',
  'kwargs',
  'loop',
  'namespace',
]);
const MATERIALIZING: ReadonlySet<string> = new Set([
  ...RUN_END,
  'sql',
  'compiled_code',
  'pre_hooks',
  'post_hooks',
  'defer_relation',
  'run_hooks',
]);

/** Groups that do not exist and materializations nobody has. */
export function checkSettings(draft: Draft): void {
  const groups = new Set([...draft.groups.values()].map((group) => group.name));
  const { options, library } = draft.world;
  const materializations = new Set([...options.materializations, 'ephemeral', 'view', 'seed', 'snapshot', 'test']);
  for (const packageName of library.packages())
    for (const name of library.namesIn(packageName)) {
      const own = /^materialization_(.+)_[a-z]+$/.exec(name)?.[1];
      if (own !== undefined) materializations.add(own);
    }
  for (const drafted of draft.nodes.values()) {
    const { node } = drafted;
    if (node.resource_type === 'test') continue;
    const { at } = drafted;
    if (node.group !== null && !groups.has(node.group))
      draft.report({
        code: 'compile/unknown-group',
        message: `the ${node.resource_type} \`${node.name}\` is in a group \`${node.group}\`, which does not exist`,
        at,
        hint: didYouMean(node.group, groups) ?? 'declare it under `groups:` in a property file',
      });
    if (node.resource_type !== 'model') continue;
    const { materialized } = node.config;
    if (!materializations.has(materialized))
      draft.report({
        code: 'compile/unknown-materialization',
        message: `the model \`${node.name}\` is materialized as \`${materialized}\`, which does not exist`,
        at,
        hint: didYouMean(materialized, materializations) ?? `choose one of ${[...options.materializations].join(', ')}`,
      });
    const schemaChange = node.config['on_schema_change'];
    if (
      node.contract.enforced &&
      materialized === 'incremental' &&
      schemaChange !== 'append_new_columns' &&
      schemaChange !== 'fail'
    )
      draft.report({
        code: 'compile/contract-schema-change',
        message: `the incremental model \`${node.name}\` has a contract, so its columns may not change on their own`,
        at,
        hint: 'set on_schema_change to append_new_columns or fail',
      });
    if (node.contract.enforced && Object.keys(node.columns).length === 0)
      draft.report({
        code: 'compile/contract-without-columns',
        message: `the model \`${node.name}\` has a contract but no columns`,
        at,
        hint: 'list its columns with their data_type in a property file',
      });
  }
}

/** A model, a seed and a snapshot share one space of names: a ref could mean either. */
export function checkSharedNames(draft: Draft): void {
  const taken = new Map<string, DraftNode>();
  for (const drafted of draft.nodes.values()) {
    const { node } = drafted;
    if (node.resource_type !== 'model' && node.resource_type !== 'seed' && node.resource_type !== 'snapshot') continue;
    if (node.version !== null) continue;
    const key = `${node.package_name}.${node.name}`;
    const earlier = taken.get(key);
    if (earlier === undefined) taken.set(key, drafted);
    else
      draft.reportTwice(
        `\`${node.name}\` (a ${earlier.node.resource_type} and a ${node.resource_type})`,
        drafted.at,
        earlier.at,
      );
  }
}

/** Two nodes that would be the same relation. */
export function checkRelations(draft: Draft): void {
  const taken = new Map<string, DraftNode>();
  for (const drafted of draft.nodes.values()) {
    const { node } = drafted;
    if (node.relation_name === null) continue;
    const key = node.relation_name.toLowerCase();
    const earlier = taken.get(key);
    if (earlier === undefined) {
      taken.set(key, drafted);
      continue;
    }
    // Reported as two definitions of one name.
    if (earlier.node.name === node.name && earlier.node.package_name === node.package_name) continue;
    draft.report({
      code: 'compile/ambiguous-relation',
      message: `\`${earlier.node.name}\` (${earlier.at.file}) and \`${node.name}\` (${drafted.at.file}) are both ${node.relation_name}`,
      at: drafted.at,
      hint: 'give one of them another alias or schema',
    });
  }
}

/** `from main.orders` where `orders` is something this project publishes. */
export function checkLiteralReferences(draft: Draft): void {
  const suspects = [...draft.nodes.values()].filter(
    ({ parsed }) => parsed !== null && parsed.literalReferences.length > 0,
  );
  if (suspects.length === 0) return;
  const published = new Map<string, string>();
  for (const { node } of draft.nodes.values()) {
    if (node.relation_name === null || node.resource_type === 'test') continue;
    const call = `ref('${node.name}'${node.version === null ? '' : `, v=${node.version}`})`;
    published.set(`${node.schema}.${node.alias}`.toLowerCase(), call);
    published.set(`${node.database}.${node.schema}.${node.alias}`.toLowerCase(), call);
  }
  const strict = draft.world.project.root.settings.strict;
  for (const { node, parsed, at } of suspects)
    for (const reference of parsed?.literalReferences ?? []) {
      const name = reference.parts.join('.').toLowerCase();
      const call = published.get(name);
      const isSelf = name === `${node.schema}.${node.alias}`.toLowerCase();
      if (call === undefined || isSelf) continue;
      draft.report({
        code: 'compile/literal-reference',
        severity: strict ? 'error' : 'warning',
        message: `\`${reference.parts.join('.')}\` is built by this project, but written out here, so nothing waits for it`,
        at: { file: at.file, start: reference.at[0], end: reference.at[1] },
        hint: `write {{ ${call} }}`,
      });
    }
}

/** A cycle, as the path that closes it. */
export function checkCycle(draft: Draft, parentMap: Readonly<Record<NodeId, readonly NodeId[]>>): void {
  const cycle = findCycle(parentMap);
  if (cycle === undefined) return;
  const describe = (id: NodeId): string => {
    const drafted = draft.nodes.get(id);
    return drafted === undefined ? id : `${drafted.node.name} (${drafted.at.file})`;
  };
  const [first = ''] = cycle;
  const start = draft.nodes.get(first);
  const [, next = ''] = cycle;
  const target = draft.nodes.get(next)?.node.name;
  const position = start?.node.refs.findIndex((ref) => ref.name === target) ?? -1;
  draft.report({
    code: 'compile/cycle',
    message: `these read each other in a circle: ${cycle.map(describe).join(' → ')}`,
    at: start?.refSpans[position] ?? start?.at,
    hint: 'take out one of these references',
  });
}
