import { didYouMean } from '../../core/nearest.ts';
import { quotedIdentifier } from '../../core/quote.ts';
import {
  type CallArguments,
  hostFunction,
  hostObject,
  TemplateError,
  textOf,
  truthOf,
  type Value,
} from '../../jinja/jinja.ts';
import type { Need, RelationAddress, RelationFacts } from '../needs.ts';
import { argument, neededText, textArgument } from './arguments.ts';
import { columnOf, columnValue } from './column-value.ts';
import { readCell } from './read-cell.ts';
import {
  hostDict,
  type RelationParts,
  relationOf,
  relationSql,
  relationText,
  relationValue,
} from './relation-value.ts';
import type { Rendering } from './rendering.ts';
import { tableValue } from './table-value.ts';

type Method = (call: CallArguments, rendering: Rendering, callerPackage: string | undefined) => Value;

/** Queries are answered with rows; everything else is run for its effect. */
const READS =
  /^\s*(?:--[^\n]*\n\s*|\/\*[\s\S]*?\*\/\s*)*\(*\s*(?:select|with|from|values|describe|desc|show|pragma|explain|summarize|table|pivot|unpivot|call)\b/i;

/** Runs SQL for a template: the answer's rows as a table value. */
export function executed(rendering: Rendering, sql: string): Value {
  const text = sql.trim().replace(/;\s*$/, '');
  const need: Need = READS.test(text)
    ? { kind: 'query', sql: text, purpose: 'run_query' }
    : { kind: 'execute', sql: text };
  const answer = rendering.ask(need);
  const table = answer.kind === 'query' || answer.kind === 'execute' ? answer.table : { columns: [], rows: [] };
  return tableValue(table, readCell, (line) => rendering.log('print', line));
}

const addressOf = (parts: RelationParts): RelationAddress => ({
  database: parts.database ?? '',
  schema: parts.schema ?? '',
  identifier: parts.identifier ?? '',
  rendered: relationText(parts),
});

const relationFrom = (facts: RelationFacts): Value =>
  relationValue({
    database: facts.database,
    schema: facts.schema,
    identifier: facts.identifier,
    type: facts.type,
    rendered: facts.rendered,
  });

function neededRelation(call: CallArguments, position: number, name: string, asked: string): RelationParts {
  const parts = relationOf(argument(call, position, name));
  if (parts === undefined)
    throw new TemplateError(`${asked} needs a relation, such as ref('orders') or this, as \`${name}\``, {
      code: 'compile/not-a-relation',
    });
  return parts;
}

function columnsOf(
  rendering: Rendering,
  parts: RelationParts,
): readonly { readonly name: string; readonly type: string }[] {
  const answer = rendering.ask({ kind: 'columns', relation: addressOf(parts) });
  return answer.kind === 'columns' ? answer.columns : [];
}

function relationsIn(rendering: Rendering, database: string, schema: string): readonly RelationFacts[] {
  const answer = rendering.ask({ kind: 'relations', database, schema });
  return answer.kind === 'relations' ? answer.relations : [];
}

function run(rendering: Rendering, sql: string): null {
  if (rendering.execute) rendering.ask({ kind: 'execute', sql });
  return null;
}

const atRunTime =
  (whileParsing: () => Value, method: Method): Method =>
  (call, rendering, callerPackage) =>
    rendering.execute ? method(call, rendering, callerPackage) : whileParsing();

const METHODS: Readonly<Record<string, Method>> = {
  type: () => 'duckdb',
  quote: (call) => quotedIdentifier(neededText(call, 0, 'identifier', 'adapter.quote()')),
  quote_as_configured: (call) => quotedIdentifier(neededText(call, 0, 'identifier', 'adapter.quote_as_configured()')),
  quote_seed_column: (call) => {
    const name = neededText(call, 0, 'column', 'adapter.quote_seed_column()');
    const configured = argument(call, 1, 'quote_config');
    return configured === undefined || configured === null || truthOf(configured) ? quotedIdentifier(name) : name;
  },
  dispatch: (call, rendering, callerPackage) => {
    const name = neededText(call, 0, 'macro_name', 'adapter.dispatch()');
    const namespace = textArgument(call, 1, 'macro_namespace');
    const { packageName } = rendering.subject;
    const { macro, searched } = rendering.world.library.dispatch(name, namespace, packageName, callerPackage);
    if (macro === undefined)
      throw new TemplateError(`there is no macro for adapter.dispatch('${name}')`, {
        code: 'compile/unknown-macro',
        hint: `one of these must exist: ${searched.join(', ')}`,
      });
    return rendering.macro(macro);
  },
  get_relation: atRunTime(
    () => null,
    (call, rendering) => {
      const answer = rendering.ask({
        kind: 'relation',
        database: textArgument(call, 0, 'database') ?? rendering.world.project.target.database,
        schema: textArgument(call, 1, 'schema') ?? rendering.world.project.target.schema,
        identifier: neededText(call, 2, 'identifier', 'adapter.get_relation()'),
      });
      return answer.kind === 'relation' && answer.relation !== null ? relationFrom(answer.relation) : null;
    },
  ),
  get_columns_in_relation: atRunTime(
    () => [],
    (call, rendering) =>
      columnsOf(rendering, neededRelation(call, 0, 'relation', 'adapter.get_columns_in_relation()')).map(columnValue),
  ),
  get_column_schema_from_query: atRunTime(
    () => [],
    (call, rendering) => {
      const sql = neededText(call, 0, 'sql', 'adapter.get_column_schema_from_query()');
      const relation = { database: null, schema: null, identifier: null, type: null, rendered: `(${sql})` };
      return columnsOf(rendering, relation).map(columnValue);
    },
  ),
  get_missing_columns: atRunTime(
    () => [],
    (call, rendering) => {
      const there = columnsOf(rendering, neededRelation(call, 0, 'from_relation', 'adapter.get_missing_columns()'));
      const here = columnsOf(rendering, neededRelation(call, 1, 'to_relation', 'adapter.get_missing_columns()'));
      const names = new Set(here.map((column) => column.name.toLowerCase()));
      return there.filter((column) => !names.has(column.name.toLowerCase())).map(columnValue);
    },
  ),
  list_relations: atRunTime(
    () => [],
    (call, rendering) =>
      relationsIn(
        rendering,
        textArgument(call, 0, 'database') ?? rendering.world.project.target.database,
        neededText(call, 1, 'schema', 'adapter.list_relations()'),
      ).map(relationFrom),
  ),
  list_relations_without_caching: atRunTime(
    () => [],
    (call, rendering) => {
      const schema = neededRelation(call, 0, 'schema_relation', 'adapter.list_relations_without_caching()');
      return relationsIn(rendering, schema.database ?? '', schema.schema ?? '').map(relationFrom);
    },
  ),
  list_schemas: atRunTime(
    () => [],
    (call, rendering) => {
      const answer = rendering.ask({
        kind: 'schemas',
        database: textArgument(call, 0, 'database') ?? rendering.world.project.target.database,
      });
      return answer.kind === 'schemas' ? answer.schemas : [];
    },
  ),
  check_schema_exists: atRunTime(
    () => true,
    (call, rendering) => {
      const answer = rendering.ask({
        kind: 'schemas',
        database: textArgument(call, 0, 'database') ?? rendering.world.project.target.database,
      });
      const wanted = neededText(call, 1, 'schema', 'adapter.check_schema_exists()').toLowerCase();
      return answer.kind === 'schemas' && answer.schemas.some((schema) => schema.toLowerCase() === wanted);
    },
  ),
  create_schema: (call, rendering) => {
    const parts = neededRelation(call, 0, 'relation', 'adapter.create_schema()');
    return run(
      rendering,
      `create schema if not exists ${relationText({ ...parts, rendered: undefined, identifier: null })}`,
    );
  },
  drop_schema: (call, rendering) => {
    const parts = neededRelation(call, 0, 'relation', 'adapter.drop_schema()');
    return run(
      rendering,
      `drop schema if exists ${relationText({ ...parts, rendered: undefined, identifier: null })} cascade`,
    );
  },
  drop_relation: (call, rendering) => {
    const parts = neededRelation(call, 0, 'relation', 'adapter.drop_relation()');
    return run(rendering, `drop ${parts.type === 'view' ? 'view' : 'table'} if exists ${relationText(parts)} cascade`);
  },
  truncate_relation: (call, rendering) =>
    run(rendering, `truncate ${relationText(neededRelation(call, 0, 'relation', 'adapter.truncate_relation()'))}`),
  rename_relation: (call, rendering) => {
    const from = neededRelation(call, 0, 'from_relation', 'adapter.rename_relation()');
    const to = neededRelation(call, 1, 'to_relation', 'adapter.rename_relation()');
    const kind = from.type === 'view' ? 'view' : 'table';
    return run(rendering, `alter ${kind} ${relationText(from)} rename to ${quotedIdentifier(to.identifier ?? '')}`);
  },
  execute: (call, rendering) => {
    const sql = neededText(call, 0, 'sql', 'adapter.execute()');
    if (!rendering.execute) return [null, null];
    return [responseValue(), executed(rendering, sql)];
  },
  add_query: (call, rendering) => {
    const sql = neededText(call, 0, 'sql', 'adapter.add_query()');
    return rendering.execute ? executed(rendering, sql) : null;
  },
  // VARCHAR has no length in DuckDB and transactions are the runner's, so these have nothing to do.
  expand_target_column_types: () => null,
  commit: () => null,
  cache_added: () => null,
  cache_dropped: () => null,
  cache_renamed: () => null,
  already_exists: atRunTime(
    () => false,
    (call, rendering) => {
      const { database } = rendering.world.project.target;
      const schema = neededText(call, 0, 'schema', 'adapter.already_exists()');
      const identifier = neededText(call, 1, 'name', 'adapter.already_exists()');
      const answer = rendering.ask({ kind: 'relation', database, schema, identifier });
      return answer.kind === 'relation' && answer.relation !== null;
    },
  ),
  valid_snapshot_target: () => true,
  standardize_grants_dict: () => hostDict({}),
  get_hard_deletes_behavior: (_, rendering) => {
    const { hard_deletes, invalidate_hard_deletes } = rendering.subject.config();
    return typeof hard_deletes === 'string' ? hard_deletes : invalidate_hard_deletes === true ? 'invalidate' : 'ignore';
  },
  is_motherduck: () => false,
  is_ducklake: () => false,
  external_root: (_, rendering) => rendering.world.project.target.externalRoot,
  warn_once: (call, rendering) => {
    rendering.log('warn', neededText(call, 0, 'msg', 'adapter.warn_once()'));
    return null;
  },
};

/** Names of the methods, for checks at parse time. */
export const adapterMethods: readonly string[] = Object.keys(METHODS);

/** `adapter`: what a template can ask of the warehouse. */
export const adapterValue = (rendering: Rendering, callerPackage?: string): Value =>
  hostObject({
    name: 'adapter',
    get: (name) => {
      const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
      if (method === undefined)
        throw new TemplateError(`the adapter has no method \`${name}\``, {
          code: 'compile/unknown-adapter-method',
          hint: didYouMean(name, adapterMethods),
        });
      return hostFunction(`adapter.${name}`, (call) => method(call, rendering, callerPackage));
    },
    hasAttribute: (name) => Object.hasOwn(METHODS, name),
    names: () => adapterMethods,
  });

/** dbt's AdapterResponse. */
export const responseValue = (message = 'OK'): Value =>
  hostDict({ _message: message, code: 'OK', rows_affected: -1, query_id: null }, 'AdapterResponse');

/** `api.Relation` with `create`. */
export function relationClass(rendering: Rendering): Value {
  const { target } = rendering.world.project;
  const create = hostFunction('Relation.create', (call) =>
    relationValue({
      database: textArgument(call, 0, 'database') ?? target.database,
      schema: textArgument(call, 1, 'schema') ?? null,
      identifier: textArgument(call, 2, 'identifier'),
      type: textArgument(call, 3, 'type'),
    }),
  );
  return hostObject({
    name: 'Relation',
    get: (name) => (name === 'create' ? create : RELATION_TYPES[name]),
    names: () => ['create', ...Object.keys(RELATION_TYPES)],
  });
}

const RELATION_TYPES: Readonly<Record<string, Value>> = {
  Table: 'table',
  View: 'view',
  CTE: 'cte',
  External: 'external',
};

/** A column or its name as text, for messages of callers. */
export const columnName = (value: Value): string => columnOf(value)?.name ?? textOf(value);

export { relationSql };
