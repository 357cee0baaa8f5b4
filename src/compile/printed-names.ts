/**
 * What a template prints for ref('orders') while a run goes on is not called `orders`: it is a version of it, a part of it, or a file.
 * So that `orders.id` means the same as outside, the name is put behind it where the template gave it no other.
 */
import type { NodeId } from '../core/node-id.ts';
import { quotedIdentifier } from '../core/quote.ts';
import type { NodeRelation } from './compiled/outcome.ts';

type RelationOf = (id: NodeId) => NodeRelation | undefined;

export interface PrintedNames {
  /** The relations, each remembered when it is asked for. */
  readonly relationOf: RelationOf;
  /** The SQL that was made with them, their names behind them. */
  named(sql: string): string;
}

export function printedNames(relationOf: RelationOf): PrintedNames {
  const printed = new Map<string, string>();
  return {
    relationOf(id) {
      const relation = relationOf(id);
      if (relation) printed.set(relation.rendered, relation.identifier);
      return relation;
    },
    named: (sql) => withNames(sql, printed),
  };
}

/** The SQL with names behind the objects of that text, where it uses them and gives no other. */
export const withNames = (sql: string, printed: ReadonlyMap<string, string>): string =>
  [...printed].reduce((text, [object, name]) => withName(text, object, name), sql);

/** What may follow a relation in FROM that has no alias. */
const FOLLOWS =
  /^(?:$|[),;]|(?:where|join|inner|left|right|full|cross|natural|asof|positional|anti|semi|on|using|group|order|limit|offset|having|qualify|window|union|intersect|except|tablesample|select)\b)/i;
const BEFORE = /(?:\bfrom|\bjoin|,)\s*$/i;
const BLANK = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/;

function withName(sql: string, object: string, name: string): string {
  if (endsWith(object, name) || !isUsed(name, sql.replaceAll(object, ' '))) return sql;
  const parts = sql.split(object);
  return parts
    .slice(1)
    .reduce(
      (text, rest, index) =>
        `${text}${object}${BEFORE.test(parts[index] ?? '') && FOLLOWS.test(rest.replace(BLANK, '')) ? ` as ${quotedIdentifier(name)}` : ''}${rest}`,
      parts[0] ?? '',
    );
}

/** A version whose name nobody uses needs none; nearly nobody does, and making a pattern takes longer than looking for the word. */
const isUsed = (name: string, sql: string): boolean =>
  sql.toLowerCase().includes(name.toLowerCase()) && new RegExp(`(?<![\\w"])"?${escaped(name)}"?\\s*\\.`, 'i').test(sql);

const endsWith = (object: string, name: string): boolean =>
  object.toLowerCase().endsWith(`.${quotedIdentifier(name)}`.toLowerCase());

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
