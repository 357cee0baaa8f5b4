/**
 * The syntax tree. Nodes are plain objects told apart by `typename`, nunjucks' word, because `Or` and `And` are made by
 * the inherited parser. Offsets are UTF-16 offsets into the template's text.
 */
import { float } from '../values/number.ts';

export interface Arguments {
  readonly positional: readonly Expression[];
  readonly named: readonly {
    readonly name: string;
    readonly value: Expression;
  }[];
  readonly star: Expression | undefined;
  readonly starStar: Expression | undefined;
}

interface At {
  readonly start: number;
  readonly end: number;
}

/**
 * A literal, spelt so that the tree is JSON: `float` marks a number that is a float though it may be integral, `integer` one whose
 * digits (past 2^53) are a string.
 */
export interface Literal extends At {
  readonly typename: 'Constant';
  readonly value: string | number | boolean | null;
  readonly special?: 'float' | 'integer';
}

export interface Name extends At {
  readonly typename: 'Name';
  readonly name: string;
}

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**';
export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';

export type Expression =
  | Literal
  | Name
  | (At & {
      readonly typename: 'Tuple' | 'List' | 'Concat';
      readonly items: readonly Expression[];
    })
  | (At & {
      readonly typename: 'Mapping';
      readonly pairs: readonly {
        readonly key: Expression;
        readonly value: Expression;
      }[];
    })
  // nunjucks' own nodes: their lineno and colno are our start and end of the left operand.
  | {
      readonly typename: 'Or' | 'And';
      readonly left: Expression;
      readonly right: Expression;
      readonly lineno: number;
      readonly colno: number;
    }
  | (At & { readonly typename: 'Negation'; readonly target: Expression })
  | (At & {
      readonly typename: 'Binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (At & {
      readonly typename: 'Unary';
      readonly operator: '-' | '+';
      readonly target: Expression;
    })
  | (At & {
      readonly typename: 'Comparison';
      readonly first: Expression;
      readonly rest: readonly {
        readonly operator: CompareOperator;
        readonly value: Expression;
      }[];
    })
  | (At & {
      readonly typename: 'Conditional';
      readonly body: Expression;
      readonly condition: Expression;
      readonly otherwise: Expression | undefined;
    })
  | (At & {
      readonly typename: 'Attribute';
      readonly target: Expression;
      readonly name: string;
      readonly nameStart: number;
    })
  | (At & {
      readonly typename: 'Item';
      readonly target: Expression;
      readonly index: Expression;
    })
  | (At & {
      readonly typename: 'SliceOf';
      readonly from: Expression | undefined;
      readonly to: Expression | undefined;
      readonly step: Expression | undefined;
    })
  | CallNode
  | FilterNode
  | (At & {
      readonly typename: 'IsTest';
      readonly target: Expression;
      readonly name: string;
      readonly nameStart: number;
      readonly arguments: Arguments;
    });

export interface CallNode extends At {
  readonly typename: 'Call';
  readonly callee: Expression;
  readonly arguments: Arguments;
}

export interface FilterNode extends At {
  readonly typename: 'Filtered';
  /** Absent in `{% filter upper %}` and `{% set x | upper %}`: there it is the block's output. */
  readonly target: Expression | undefined;
  readonly name: string;
  readonly nameStart: number;
  readonly arguments: Arguments;
}

/** What `set`, `for` and `with` assign to. */
export type Target =
  | Name
  | (At & {
      readonly typename: 'TupleTarget';
      readonly items: readonly Target[];
    })
  | (At & {
      readonly typename: 'NamespaceTarget';
      readonly name: string;
      readonly attribute: string;
    });

export interface Parameter extends At {
  readonly name: string;
  readonly defaultValue: Expression | undefined;
}

export type Body = readonly Statement[];

export interface MacroNode extends At {
  readonly typename: 'MacroBlock';
  readonly kind: 'macro' | 'test' | 'materialization' | 'snapshot';
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly body: Body;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** materialization only. */
  readonly options: Readonly<Record<string, string | readonly string[]>>;
}

export interface DocsNode extends At {
  readonly typename: 'Docs';
  readonly name: string;
  readonly bodyStart: number;
  readonly bodyEnd: number;
}

export interface ForNode extends At {
  readonly typename: 'Loop';
  readonly target: Target;
  readonly iterable: Expression;
  readonly condition: Expression | undefined;
  readonly recursive: boolean;
  readonly body: Body;
  readonly otherwise: Body;
}

export type Statement =
  | (At & { readonly typename: 'Data'; readonly text: string })
  | (At & { readonly typename: 'Print'; readonly value: Expression })
  | ForNode
  | (At & {
      readonly typename: 'Branch';
      readonly branches: readonly {
        readonly condition: Expression;
        readonly body: Body;
      }[];
      readonly otherwise: Body;
    })
  | MacroNode
  | DocsNode
  | (At & {
      readonly typename: 'CallBlock';
      readonly call: CallNode;
      readonly parameters: readonly Parameter[];
      readonly body: Body;
    })
  | (At & {
      readonly typename: 'FilterBlock';
      readonly filter: FilterNode;
      readonly body: Body;
    })
  | (At & {
      readonly typename: 'Assign';
      readonly target: Target;
      readonly value: Expression;
    })
  | (At & {
      readonly typename: 'AssignBlock';
      readonly target: Target;
      readonly filter: FilterNode | undefined;
      readonly body: Body;
    })
  | (At & {
      readonly typename: 'With';
      readonly bindings: readonly {
        readonly target: Target;
        readonly value: Expression;
      }[];
      readonly body: Body;
    })
  | (At & { readonly typename: 'Do'; readonly value: Expression })
  | (At & { readonly typename: 'Break' | 'Continue' })
  | (At & {
      readonly typename: 'Autoescape';
      readonly value: Expression;
      readonly body: Body;
    })
  | (At & {
      readonly typename: 'InheritBlock';
      readonly name: string;
      readonly scoped: boolean;
      readonly required: boolean;
      readonly body: Body;
    })
  | (At & { readonly typename: 'Extends'; readonly template: Expression })
  | (At & {
      readonly typename: 'Include';
      readonly template: Expression;
      readonly ignoreMissing: boolean;
      readonly withContext: boolean;
    })
  | (At & {
      readonly typename: 'Import';
      readonly template: Expression;
      readonly name: string;
      readonly withContext: boolean;
    })
  | (At & {
      readonly typename: 'FromImport';
      readonly template: Expression;
      readonly names: readonly { readonly name: string; readonly as: string }[];
      readonly withContext: boolean;
    });

/** Where an expression begins, whoever made its node. */
export const startOf = (node: Expression): number => ('start' in node ? node.start : startOf(node.left));

/** Where an expression ends. */
export const endOf = (node: Expression): number => ('end' in node ? node.end : endOf(node.right));

/** The names a target binds; assigning to a namespace's attribute binds none. */
export function namesIn(target: Target): readonly string[] {
  if (target.typename === 'Name') return [target.name];
  return target.typename === 'TupleTarget' ? target.items.flatMap(namesIn) : [];
}

/** The value a literal stands for. */
export function constantOf({ value, special }: Literal): unknown {
  if (special === 'float') return float(Number(value));
  return special === 'integer' ? BigInt(String(value)) : value;
}
