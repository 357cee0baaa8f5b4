/** A select list's items with every star expanded: names as DESCRIBE gives them, and what each column means. */
import { type Analysis, mention, notResolved, senseOf } from './analysis.ts';
import { constantValue, matched, regexOf } from './constant-value.ts';
import { meaningOf } from './expression.ts';
import { expressionText, plainConstant } from './expression-text.ts';
import { relationKey } from './literal-tables.ts';
import { addMeaning, digest, gathering } from './meaning.ts';
import { type Binding, type BoundColumn, resolve, type Scope, type Shown, starColumns } from './scope.ts';
import { fieldsOfType } from './struct-type.ts';
import { childNodes, isList, isSyntaxNode, nodeOf, nodesOf, type SyntaxNode, textOf, textsOf } from './syntax-tree.ts';

/** A column, or columns whose names only the binder knows. */
export type Item =
  | { readonly kind: 'column'; readonly column: BoundColumn; readonly node?: SyntaxNode }
  | { readonly kind: 'open'; readonly of: string; readonly column: (name: string) => BoundColumn | undefined };

/** `known` is called with every column as it is found, so that later items may use its alias. */
export function selectItems(
  list: readonly SyntaxNode[],
  scope: Scope,
  analysis: Analysis,
  known: (column: BoundColumn, written: SyntaxNode) => void,
): readonly Item[] {
  return list.flatMap((node) => {
    const items = expanded(node, scope, analysis);
    for (const item of items) if (item.kind === 'column') known(item.column, node);
    return items;
  });
}

function expanded(node: SyntaxNode, scope: Scope, analysis: Analysis): readonly Item[] {
  if (node.class === 'STAR' && node.columns !== true) return starItems(node, scope, analysis);
  const liked = likedStar(node);
  if (liked !== undefined) return likedItems(liked, scope, analysis);
  const star = findColumns(node);
  if (star !== undefined) return columnsItems(node, star, scope, analysis);
  const fields = unnestedFields(node, scope, analysis);
  if (fields !== undefined) return fields;
  return [{ kind: 'column', column: itemColumn(node, scope, analysis), node }];
}

function itemColumn(node: SyntaxNode, scope: Scope, analysis: Analysis): BoundColumn {
  const meaning = meaningOf(node, scope, analysis);
  const alias = textOf(node, 'alias');
  const type = typeOf(node, scope);
  const origins = originsOf(node, scope);
  if (alias !== '') return { name: alias, meaning, type, origins };
  return { name: automaticName(node, scope, analysis), meaning, type, origins };
}

/** How DuckDB names an item without alias: a column by its own spelling in the schema, the rest by its text. */
function automaticName(node: SyntaxNode, scope: Scope, analysis: Analysis): string {
  if (node.class === 'COLUMN_REF') {
    const path = textsOf(node, 'column_names');
    const last = path.at(-1) ?? '';
    const found = resolve(path, scope);
    const isAlias =
      path.length === 1 && found.kind === 'column' && scope.aliases.get(last.toLowerCase()) === found.column;
    return found.kind === 'column' && found.fields.length === 0 && !isAlias ? found.column.name : last;
  }
  if (node.class === 'POSITIONAL_REFERENCE')
    return starColumns(scope.bindings)[Number(node.index) - 1]?.column?.name ?? `#${String(node.index)}`;
  const text = expressionText(node);
  if (text !== undefined) return text;
  notResolved(analysis, 'the name of a column without alias is known to the binder only', node);
  return 'expression';
}

const typeOf = (node: SyntaxNode, scope: Scope): string | undefined => {
  if (node.class !== 'COLUMN_REF') return undefined;
  const found = resolve(textsOf(node, 'column_names'), scope);
  if (found.kind !== 'column') return undefined;
  return found.fields.reduce<string | undefined>(
    (type, field) => fieldsOfType(type)?.find((one) => one.name.toLowerCase() === field.toLowerCase())?.type,
    found.column.type,
  );
};

/** A column that is only named keeps where its values stand. */
const originsOf = (node: SyntaxNode, scope: Scope): BoundColumn['origins'] => {
  if (node.class !== 'COLUMN_REF') return undefined;
  const found = resolve(textsOf(node, 'column_names'), scope);
  return found.kind === 'column' && found.fields.length === 0 ? found.column.origins : undefined;
};

/** `*`, `t.*`, with EXCLUDE, REPLACE and RENAME; `s.*` of a struct column. */
function starItems(node: SyntaxNode, scope: Scope, analysis: Analysis): readonly Item[] {
  const relation = textOf(node, 'relation_name');
  const isExcluded = exclusion(node);
  const shown = starColumns(scope.bindings, relation === '' ? undefined : relation, isExcluded);
  if (relation !== '' && !scope.bindings.tables.some((table) => table.alias.toLowerCase() === relation.toLowerCase()))
    return structItems(node, relation, scope, analysis);
  const replacement = (name: string): BoundColumn | undefined => {
    const entry = nodesOf(node, 'replace_list').find((one) => textOf(one, 'key').toLowerCase() === name.toLowerCase());
    const expression = entry && nodeOf(entry, 'value');
    return entry && expression && { name: textOf(entry, 'key'), meaning: meaningOf(expression, scope, analysis) };
  };
  const sourceOf = (name: string): string => {
    const entry = nodesOf(node, 'rename_list').find((one) => textOf(one, 'value').toLowerCase() === name.toLowerCase());
    return entry === undefined ? name : textOf(nodeOf(entry, 'key') ?? {}, 'column');
  };
  const renamed = renames(node);
  const replaced = new Set<string>();
  return shown.flatMap((one): readonly Item[] => {
    if (one.table.relation !== undefined) analysis.starred.set(relationKey(one.table.relation), one.table.relation);
    if (one.column === undefined) return [openItem(one, isExcluded, replacement, sourceOf)];
    const instead = replacement(one.column.name);
    if (instead !== undefined) {
      // Of several columns of that name the first is replaced, the others are gone.
      const isFirst = !replaced.has(one.column.name.toLowerCase());
      replaced.add(one.column.name.toLowerCase());
      return isFirst ? [{ kind: 'column', column: instead }] : [];
    }
    const rename = renamed(one, one.column.name);
    mention(analysis, one.column.meaning);
    return [{ kind: 'column', column: rename === undefined ? one.column : { ...one.column, name: rename } }];
  });
}

type Exclusion = (table: Binding, name: string) => boolean;

function exclusion(node: SyntaxNode): Exclusion {
  const plain = new Set(textsOf(node, 'exclude_list').map((name) => name.toLowerCase()));
  const qualified = nodesOf(node, 'qualified_exclude_list').map((entry) => ({
    table: textOf(entry, 'table').toLowerCase(),
    column: textOf(entry, 'column').toLowerCase(),
  }));
  return (table, name) =>
    plain.has(name.toLowerCase()) ||
    qualified.some(
      (entry) =>
        entry.column === name.toLowerCase() && (entry.table === '' || entry.table === table.alias.toLowerCase()),
    );
}

function renames(node: SyntaxNode): (one: Shown, name: string) => string | undefined {
  const list = nodesOf(node, 'rename_list').map((entry) => {
    const key = nodeOf(entry, 'key') ?? {};
    return {
      table: textOf(key, 'table').toLowerCase(),
      column: textOf(key, 'column').toLowerCase(),
      to: textOf(entry, 'value'),
    };
  });
  return ({ table }, name) =>
    list.find(
      (entry) =>
        entry.column === name.toLowerCase() && (entry.table === '' || entry.table === table.alias.toLowerCase()),
    )?.to;
}

/** The columns of a table that are not known, seen through the star's EXCLUDE, REPLACE and RENAME. */
function openItem(
  one: Shown,
  isExcluded: Exclusion,
  replacement: (name: string) => BoundColumn | undefined,
  sourceOf: (name: string) => string,
): Item {
  return {
    kind: 'open',
    of: one.table.alias,
    column: (name) => {
      const source = sourceOf(name);
      if (isExcluded(one.table, source)) return undefined;
      const column = replacement(source) ?? one.table.open?.(source);
      return column && { ...column, name };
    },
  };
}

function structItems(node: SyntaxNode, name: string, scope: Scope, analysis: Analysis): readonly Item[] {
  const found = resolve([name], scope);
  if (found.kind !== 'column') {
    notResolved(analysis, `${name}.* names no table`, node);
    return [];
  }
  return fieldItems(found.column, found.column.type, name);
}

/** One column a field; of a struct whose type is not known, an open item. */
function fieldItems(column: BoundColumn, type: string | undefined, name: string): readonly Item[] {
  const field = (fieldName: string, fieldType?: string): BoundColumn => {
    const into = gathering();
    addMeaning(into, column.meaning, 'derived');
    return {
      name: fieldName,
      meaning: { ...into, text: `${column.meaning.text}.${fieldName.toLowerCase()}` },
      type: fieldType,
    };
  };
  const fields = fieldsOfType(type);
  if (fields === undefined) return [{ kind: 'open', of: name, column: (fieldName) => field(fieldName) }];
  return fields.map((one) => ({ kind: 'column', column: field(one.name, one.type) }));
}

/** `unnest` of a struct gives one column a field. Of a value whose type is not known it is taken for a list: one column. */
function unnestedFields(node: SyntaxNode, scope: Scope, analysis: Analysis): readonly Item[] | undefined {
  if (node.class !== 'FUNCTION' || textOf(node, 'function_name') !== 'unnest') return undefined;
  const [argument, ...options] = nodesOf(node, 'children');
  if (argument === undefined) return undefined;
  const type = typeOf(argument, scope) ?? literalType(argument);
  const column: BoundColumn = { name: 'unnest', meaning: meaningOf(argument, scope, analysis) };
  if (options.length > 0) return fieldItems(column, undefined, 'unnest');
  return fieldsOfType(type) === undefined ? undefined : fieldItems(column, type, 'unnest');
}

const literalType = (node: SyntaxNode): string | undefined =>
  node.class === 'FUNCTION' && textOf(node, 'function_name') === 'struct_pack'
    ? `STRUCT(${nodesOf(node, 'children')
        .map((child) => `"${textOf(child, 'alias').replaceAll('"', '""')}" ANY`)
        .join(', ')})`
    : undefined;

interface LikedStar {
  readonly star: SyntaxNode;
  readonly picks: (name: string) => boolean;
}

/** `* like 'a%'` and its kin. */
function likedStar(node: SyntaxNode): LikedStar | undefined {
  if (node.class === 'OPERATOR' && node.type === 'OPERATOR_NOT') {
    const inner = likedStar(nodesOf(node, 'children')[0] ?? {});
    return inner && { star: inner.star, picks: (name) => !inner.picks(name) };
  }
  if (node.class !== 'FUNCTION') return undefined;
  const [star, pattern] = nodesOf(node, 'children');
  const name = textOf(node, 'function_name');
  if (star?.class !== 'STAR' || star.columns === true || !/^(!?~~\*?|~~~|regexp_full_match)$/.test(name))
    return undefined;
  const value = pattern && nodeOf(pattern, 'value');
  const text = value === undefined ? null : plainConstant(value);
  return text === null ? undefined : { star, picks: (column) => matched(name, column, text) };
}

const likedItems = ({ star, picks }: LikedStar, scope: Scope, analysis: Analysis): readonly Item[] =>
  starItems(star, scope, analysis).flatMap((item): readonly Item[] => {
    if (item.kind === 'column') return picks(item.column.name) ? [item] : [];
    return [{ ...item, column: (name) => (picks(name) ? item.column(name) : undefined) }];
  });

/** The COLUMNS(…) in an expression; `*COLUMNS(…)` is an argument list, not an expansion. */
function findColumns(node: SyntaxNode): SyntaxNode | undefined {
  if (node.class === 'STAR' && node.columns === true) return node;
  if (node.class === 'SUBQUERY' || node.type === 'OPERATOR_UNPACK') return undefined;
  for (const child of childNodes(node)) {
    const found = findColumns(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** One item for each column that COLUMNS(…) picks. */
function columnsItems(node: SyntaxNode, star: SyntaxNode, scope: Scope, analysis: Analysis): readonly Item[] {
  const { picked, open, groups } = pickedColumns(star, scope, analysis);
  const alias = textOf(node, 'alias');
  const item = (column: BoundColumn): BoundColumn => {
    const reference: SyntaxNode = { class: 'COLUMN_REF', type: 'COLUMN_REF', column_names: [column.name] };
    analysis.pinned.set(reference, column);
    const expression = node === star ? reference : substituted(node, reference);
    const meaning = meaningOf(expression, scope, analysis);
    return {
      name: alias === '' ? column.name : named(alias, groups(column.name)),
      meaning: { ...meaning, text: digest(senseOf(expression, analysis)) },
      ...(expression === reference ? { type: column.type, origins: column.origins } : {}),
    };
  };
  const items: Item[] = picked.map((column) => ({ kind: 'column', column: item(column), node }));
  if (open === undefined) return items;
  return [
    ...items,
    {
      ...open,
      column: (name) => {
        const found = open.column(name);
        return found && item(found);
      },
    },
  ];
}

const named = (alias: string, groups: readonly string[]): string =>
  alias.replace(/\\(\d)/g, (_, group: string) => groups[Number(group)] ?? '');

interface Picked {
  readonly picked: readonly BoundColumn[];
  readonly open?: Extract<Item, { kind: 'open' }>;
  /** What a pattern's groups matched in a name; group 0 is the whole match. */
  readonly groups: (name: string) => readonly string[];
}

function pickedColumns(star: SyntaxNode, scope: Scope, analysis: Analysis): Picked {
  const whole = (name: string): readonly string[] => [name];
  const expression = nodeOf(star, 'expr');
  const items = starItems({ ...star, columns: false, expr: null }, scope, analysis);
  const columns = items.flatMap((item) => (item.kind === 'column' ? [item.column] : []));
  const open = items.find((item) => item.kind === 'open');
  if (expression === undefined)
    return open === undefined ? { picked: columns, groups: whole } : { picked: columns, open, groups: whole };
  const pattern = expression.class === 'CONSTANT' ? plainConstant(nodeOf(expression, 'value') ?? {}) : null;
  const regex = pattern === null ? undefined : regexOf(pattern);
  const groups = (name: string): readonly string[] => regex?.exec(name)?.map((group) => group ?? '') ?? [name];
  const chosen =
    regex === undefined
      ? constantValue(
          expression,
          columns.map((column) => column.name),
        )
      : columns.map((column) => column.name).filter((name) => regex.test(name));
  const anyOf: Item = {
    kind: 'open',
    of: 'COLUMNS(…)',
    column: (name) =>
      columns.find((column) => column.name.toLowerCase() === name.toLowerCase()) ??
      (open?.kind === 'open' ? open.column(name) : undefined),
  };
  const isNamed = regex !== undefined || columns.every((column) => column.coalesced !== true);
  if (!isChoice(chosen) || !isNamed) return { picked: [], open: anyOf, groups };
  // A list is a set of names to DuckDB: the columns keep their own order, and all of a name are picked.
  const names = new Set(chosen.map((name) => name.toLowerCase()));
  const picked = columns.filter((column) => regex?.test(column.name) ?? names.has(column.name.toLowerCase()));
  return open === undefined ? { picked, groups } : { picked: [], open: anyOf, groups };
}

const isChoice = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string');

/** The expression with its COLUMNS(…) replaced by one column. */
function substituted(node: SyntaxNode, column: SyntaxNode): SyntaxNode {
  if (node.class === 'STAR' && node.columns === true) return column;
  if (node.class === 'SUBQUERY') return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => {
      if (isSyntaxNode(value)) return [key, substituted(value, column)];
      if (isList(value)) return [key, value.map((entry) => (isSyntaxNode(entry) ? substituted(entry, column) : entry))];
      return [key, value];
    }),
  );
}
