import type { Json } from '../../core/node-id.ts';
import { callValue, textOf, toValue, type Value } from '../../jinja/jinja.ts';
import { contextMembers } from '../context/context-members.ts';
import { relationText } from '../context/relation-value.ts';
import { Rendering } from '../context/rendering.ts';
import type { Macro } from '../macros/macro-library.ts';
import type { GraphNode } from '../manifest.ts';
import type { Draft, DraftNode } from './draft.ts';

type Component = 'database' | 'schema' | 'alias';

/** Gives every node its database, schema, alias and relation name, by dbt's rules or the project's own generate_*_name macros. */
export class RelationNames {
  private readonly draft: Draft;
  private readonly macros = new Map<string, Macro | undefined>();
  private readonly answers = new Map<string, string>();

  constructor(draft: Draft) {
    this.draft = draft;
  }

  name(drafted: DraftNode): void {
    const { node } = drafted;
    const { config } = node;
    const custom = (key: string): string | null => {
      const value = config[key];
      return value === null || value === undefined || value === '' ? null : String(value);
    };
    node.database = this.generated('database', custom('database'), drafted);
    node.schema = this.generated('schema', custom('schema'), drafted);
    if (node.resource_type === 'snapshot') {
      node.database = custom('target_database') ?? node.database;
      node.schema = custom('target_schema') ?? node.schema;
    }
    node.alias = this.generated('alias', custom('alias'), drafted);
    node.relation_name = this.hasRelation(node) ? publicName(node) : null;
  }

  /** Ephemeral models, analyses, hooks and tests that store nothing have no relation. */
  private hasRelation(node: GraphNode): boolean {
    if (node.resource_type === 'analysis' || node.resource_type === 'operation') return false;
    if (node.resource_type !== 'test') return node.config.materialized !== 'ephemeral';
    return (node.config['store_failures'] ?? this.draft.world.options.flags.store_failures) === true;
  }

  private generated(component: Component, custom: string | null, drafted: DraftNode): string {
    const { node } = drafted;
    const macro = this.macro(component, node.package_name);
    if (macro === undefined) return this.byDefault(component, custom, node);
    // A macro that does not look at the node answers the same for every node with the same setting.
    const key =
      /\bnode\b/.test(macro.block.body) || component === 'alias'
        ? null
        : `${macro.id}\0${component}\0${custom ?? '\0'}`;
    const known = key === null ? undefined : this.answers.get(key);
    if (known !== undefined) return known;
    const answer = this.asked(macro, component, custom, drafted);
    if (key !== null) this.answers.set(key, answer);
    return answer;
  }

  private byDefault(component: Component, custom: string | null, node: GraphNode): string {
    const { target } = this.draft.world.project;
    switch (component) {
      case 'database':
        return custom ?? target.database;
      case 'schema':
        return custom === null ? target.schema : `${target.schema}_${custom.trim()}`;
      case 'alias':
        if (custom !== null) return custom.trim();
        return node.version === null ? node.name : `${node.name}_v${String(node.version).replaceAll('.', '_')}`;
    }
  }

  /** The macro that replaces dbt's rule, if the project or the node's package has one. */
  private macro(component: Component, packageName: string): Macro | undefined {
    const key = `${component}\0${packageName}`;
    if (this.macros.has(key)) return this.macros.get(key);
    const { library, project } = this.draft.world;
    const name = `generate_${component}_name`;
    const found =
      library.in(packageName, name) ??
      library.in(project.root.name, name) ??
      ['duckdb__', 'default__']
        .map((prefix) => library.in(project.root.name, `${prefix}${name}`))
        .find((macro) => macro !== undefined);
    this.macros.set(key, found);
    return found;
  }

  private asked(macro: Macro, component: Component, custom: string | null, { node, at }: DraftNode): string {
    const refuse = (): never => {
      throw new Error('a generate_*_name macro has no refs');
    };
    const rendering = new Rendering(
      this.draft.world,
      {
        packageName: node.package_name,
        model: () => node as unknown as Json, // a node is JSON; interfaces have no index signature
        thisRelation: () => null,
        ref: refuse,
        source: refuse,
        configure: () => {},
        config: () => node.config,
        isIncremental: () => false,
      },
      { execute: false },
      contextMembers,
    );
    const given: Value = custom;
    const outcome = callValue(rendering.macro(macro), [given, toValue(node as unknown as Json)]); // as above
    if (outcome.kind === 'done') {
      const text = outcome.value === null ? '' : textOf(outcome.value).trim();
      if (text !== '') return text;
    }
    this.draft.report(
      outcome.kind === 'failed'
        ? { ...outcome.diagnostic, notes: [...(outcome.diagnostic.notes ?? []), `for \`${node.name}\` (${at.file})`] }
        : {
            code: 'compile/empty-name',
            message: `the macro \`${macro.name}\` gives no ${component} for \`${node.name}\``,
            at: macro.block.at,
            hint: 'it must print a name, or return one',
          },
    );
    return this.byDefault(component, custom, node);
  }
}

/** `"db"."schema"."alias"`, with quotes as configured. */
export function publicName(node: Pick<GraphNode, 'database' | 'schema' | 'alias' | 'config'>): string {
  const quoting = node.config['quoting'];
  const quoted = (part: string): boolean =>
    typeof quoting !== 'object' || quoting === null || Array.isArray(quoting)
      ? true
      : (quoting as Readonly<Record<string, Json>>)[part] !== false; // Array.isArray keeps readonly arrays
  return relationText({
    database: node.database,
    schema: node.schema,
    identifier: node.alias,
    type: null,
    quote: { database: quoted('database'), schema: quoted('schema'), identifier: quoted('identifier') },
  });
}
