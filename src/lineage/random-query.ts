/** Queries made by a grammar, for tests that hold the analysis against DuckDB. Names are taken from what is in sight, so most bind. */
import { TABLES } from './queries.ts';

/** `choose(n)` answers 0 … n-1. */
export class RandomQuery {
  readonly choose: (count: number) => number;
  /** Columns of the FROM clause being written: whole numbers, and all. */
  numbers: readonly string[] = [];
  columns: readonly string[] = [];

  constructor(choose: (count: number) => number) {
    this.choose = choose;
  }

  one<T>(...options: readonly [T, ...T[]]): T {
    return options[this.choose(options.length)] ?? options[0];
  }
  maybe(text: () => string): string {
    return this.choose(3) === 0 ? text() : '';
  }
  number(): string {
    return this.numbers[this.choose(Math.max(1, this.numbers.length))] ?? '1';
  }
  column(): string {
    return this.columns[this.choose(Math.max(1, this.columns.length))] ?? this.number();
  }

  query(depth: number, ctes: readonly string[] = []): string {
    if (depth > 0 && this.choose(5) === 0) {
      const name = this.one('recent', 'big', 'orders_by_day');
      const inner = this.query(depth - 1, ctes);
      return `with ${name} as ${this.one('', 'materialized ')}(${inner}) ${this.query(depth - 1, [...ctes, name])}`;
    }
    if (depth > 0 && this.choose(6) === 0) {
      const side = () =>
        `(select ${this.number()} as ${this.one('k', 'id')}, ${this.expression(0)}::varchar as v from ${this.from(depth - 1, ctes)})`;
      const sides = [this.inside(side), this.inside(side)];
      const operation = this.one(
        'union all',
        'union',
        'union all by name',
        'union by name',
        'except',
        'intersect',
        'except all',
      );
      return `${sides[0]} ${operation} ${sides[1]}${this.maybe(() => ' order by 1')}${this.maybe(() => ' limit 3')}`;
    }
    return this.inside(() => this.select(depth, ctes));
  }

  /** Writes a query of its own: what is in sight outside stays as it was. */
  inside(write: () => string): string {
    const { numbers, columns } = this;
    this.see([], []);
    const text = write();
    this.see(numbers, columns);
    return text;
  }

  see(numbers: readonly string[], columns: readonly string[]): void {
    this.numbers = numbers;
    this.columns = columns;
  }

  select(depth: number, ctes: readonly string[]): string {
    const from = this.from(depth, ctes);
    const grouped = this.choose(4) === 0;
    const items = Array.from({ length: 1 + this.choose(3) }, () =>
      grouped ? this.groupItem(depth) : this.item(depth),
    );
    const distinct = this.maybe(() => this.one('distinct ', `distinct on (${this.column()}) `));
    return [
      `select ${distinct}${items.join(', ')}`,
      `from ${from}`,
      this.maybe(() => `where ${this.condition(depth)}`),
      grouped ? 'group by all' : '',
      grouped ? this.maybe(() => 'having count(*) > 0') : '',
      grouped
        ? ''
        : this.maybe(() => `qualify row_number() over (partition by ${this.column()} order by ${this.column()}) < 3`),
      this.maybe(
        () =>
          `order by ${grouped ? '1' : this.one('1', 'all', this.column(), `${this.expression(0)} desc nulls last`)}`,
      ),
      this.maybe(() => `limit ${this.choose(5)}`),
    ]
      .filter((clause) => clause !== '')
      .join(' ');
  }

  from(depth: number, ctes: readonly string[]): string {
    const first = this.table(depth, ctes, 'a');
    const [left, leftNumbers] = [this.columns, this.numbers];
    const kind = this.choose(10);
    if (kind > 5) return first;
    if (kind === 5) {
      const text = `${first}, ${this.one('', 'lateral ')}(select ${this.column()} as extra, ${this.expression(0)} as more) b`;
      this.see(leftNumbers, [...left, 'b.extra', 'b.more', 'extra']);
      return text;
    }
    const second = this.table(depth, ctes, 'b');
    const [right, rightNumbers] = [this.columns, this.numbers];
    const unique = (columns: readonly string[]) => columns.filter((column) => column.includes('.'));
    const join = this.one('join', 'left join', 'right join', 'full join', 'semi join', 'anti join');
    const isHalf = join === 'semi join' || join === 'anti join';
    this.see(unique([...leftNumbers, ...(isHalf ? [] : rightNumbers)]), unique([...left, ...(isHalf ? [] : right)]));
    const shared = left.filter((column) => !column.includes('.') && right.includes(column));
    if (kind === 0 && shared.length > 0) {
      const name = shared[this.choose(shared.length)] ?? 'id';
      this.see(this.numbers, [...this.columns, name]);
      return `${first} ${this.one(join, 'left join', 'full join')} ${second} using (${name})`;
    }
    if (kind === 1 && shared.length > 0) return `${first} natural join ${second}`;
    if (kind === 2) return `${first} positional join ${second}`;
    if (kind === 3) return `${first}, ${second}`;
    return `${first} ${join} ${second} on ${leftNumbers[0] ?? 1} = ${rightNumbers[0] ?? 1}`;
  }

  /** A table under an alias; what is in sight afterwards is this table alone. */
  table(depth: number, ctes: readonly string[], alias: string): string {
    const derived = (text: string, names: readonly string[], numbers: readonly string[] = names) => {
      this.see(
        numbers.flatMap((name) => [`${alias}.${name}`, name]),
        names.flatMap((name) => [`${alias}.${name}`, name]),
      );
      return text;
    };
    const cte = ctes[this.choose(Math.max(1, ctes.length))];
    if (cte !== undefined && this.choose(2) === 0) return derived(`${cte} as ${alias}(first)`, ['first'], []);
    if (depth > 0 && this.choose(3) === 0) {
      const inner = this.query(depth - 1, ctes);
      return derived(`(${inner}) as ${alias}(first)`, ['first'], []);
    }
    if (this.choose(10) === 0) {
      const text = this.one(
        `(values (1, 'x'), (2, 'y')) ${alias}(id, status)`,
        `range(3) ${alias}(id)`,
        `unnest([1, 2]) ${alias}(id)`,
        `generate_series(1, 2) ${alias}(id)`,
      );
      return derived(text, ['id']);
    }
    if (this.choose(12) === 0) {
      const using = this.one('sum(amount)', 'sum(amount) as total', 'max(amount), count(*)');
      return derived(
        `(pivot (select id, status, amount from orders) on status in ('paid', 'open') using ${using}) ${alias}`,
        ['id'],
      );
    }
    if (this.choose(12) === 0)
      return derived(
        `(unpivot (select id, amount, customer_id from orders) on ${this.one('amount, customer_id', 'columns(* exclude (id))')}) ${alias}`,
        ['id', 'name', 'value'],
        ['id', 'value'],
      );
    const name = this.one('orders', 'orders', 'customers', 'payments', 'rates', 'baskets');
    const columns = (TABLES[name]?.columns ?? '')
      .replace(/\([^)]*\)/g, '')
      .split(',')
      .map((column) => column.trim().split(' '));
    const names = columns.map(([column = '']) => column);
    return derived(
      `${this.one(name, name.toUpperCase())} as ${alias}`,
      this.choose(4) === 0 ? names.map((column) => column.toUpperCase()) : names,
      columns.flatMap(([column = '', type = '']) => (type === 'integer' ? [column] : [])),
    );
  }

  item(depth: number): string {
    switch (this.choose(14)) {
      case 0:
        return '*';
      case 1:
        return this.one('a.*', 'a', 'a.*');
      case 2: {
        const name = this.column().split('.').at(-1) ?? 'id';
        return `* ${this.one(`exclude (${name})`, `exclude (a.${name})`, `replace (1 as ${name})`, `rename (${name} as k)`, `replace (upper('x') as ${name.toUpperCase()})`)}`;
      }
      case 3: {
        const columns = `columns(${this.one("'.*[di].*'", '*', "c -> c like '%d%'", 'a.*', "lambda c: c not in ('id', 'day')")})`;
        return `${this.one(columns, `coalesce(${columns})`, `${columns}::varchar`, `typeof(${columns})`)}${this.maybe(() => ' as picked')}`;
      }
      case 4:
      case 5:
        return `${this.expression(depth)} as ${this.one('total', 'x', 'ID', '"A b"')}`;
      case 6:
        return this.one(
          'unnest([1, 2])',
          'unnest([1, 2]) as u',
          '#1',
          `unnest([${this.number()}])`,
          `unnest({'p': ${this.column()}, 'q': 1})`,
        );
      case 7:
        return `${this.one('row_number()', `sum(${this.number()})`, `lag(${this.column()})`, `first_value(${this.column()} ignore nulls)`, 'count(*)')} over (${this.maybe(() => `partition by ${this.column()} `)}order by ${this.column()} ${this.one('', 'desc', 'nulls first')}${this.maybe(() => ' rows between 1 preceding and current row')})`;
      case 8:
      case 9:
        return this.column();
      default:
        return this.expression(depth);
    }
  }

  groupItem(depth: number): string {
    return this.one(
      this.column(),
      'count(*)',
      `sum(${this.number()})${this.maybe(() => ` filter (where ${this.number()} > 1)`)}`,
      `max(${this.column()}) as most`,
      `list(${this.column()} order by ${this.number()})`,
      `count(distinct ${this.column()})`,
      `sum(${this.numeric(depth)}) + 1`,
      this.numeric(0),
    );
  }

  /** Something to calculate with. */
  numeric(depth: number): string {
    const inner = () => (depth > 0 ? this.numeric(depth - 1) : this.number());
    switch (this.choose(9)) {
      case 0:
        return `${inner()} + ${this.choose(9)}`;
      case 1:
        return `(${inner()} ${this.one('-', '*', '%', '//', '/', '&', '<<')} ${inner()})`;
      case 2:
        return `case when ${this.condition(0)} then ${inner()} ${this.maybe(() => `else ${inner()}`)} end`;
      case 3:
        return `${this.one('abs', 'sign', '-', '+ ')}(${inner()})`;
      case 4:
        return depth > 0
          ? `(select ${this.one('max(id)', 'count(*)', 'sum(amount)')} from orders o where o.id = ${this.number()})`
          : this.one('1', '-1', '.5', '0.50', '1e3', '123456789012');
      case 5:
        return `try_cast(${this.column()} as ${this.one('integer', 'double', 'decimal(10, 2)')})`;
      case 6:
        return `coalesce(${inner()}, ${this.one('1', 'null', '1e3')})`;
      default:
        return this.number();
    }
  }

  expression(depth: number): string {
    const inner = () => (depth > 0 ? this.expression(depth - 1) : this.column());
    switch (this.choose(16)) {
      case 0:
        return `${inner()}::varchar`;
      case 1:
        return `${this.one('typeof', 'hash', 'md5')}(${inner()}::varchar)`;
      case 2:
        return `{'a': ${inner()}, 'B c': 1}`;
      case 3:
        return `[${this.number()}, ${this.number()}]`;
      case 4:
        return this.one(
          `list_transform([1, 2], lambda x: x + ${this.number()})`,
          'list_transform([1, 2], x -> x + 1)',
          'list_transform([1, 2], lambda x, i: x * i)',
          `[x * 2 for x in [${this.number()}] if x > 1]`,
        );
      case 5:
        return depth > 0 ? `exists (from payments p where p.order_id = ${this.number()})` : 'true';
      case 6:
        return `${this.number()} ${this.one('in (1, 2)', 'is not null', 'between 1 and 3', 'is distinct from 3', 'not in (1)', 'is null', 'not between 1 and 2')}`;
      case 7:
        return `${inner()}::varchar ${this.one("like 'a%'", "|| 'x'", "not like 'b'", "ilike '%c'", "~ 'd'", 'collate nocase', "is distinct from 'e'")}`;
      case 8:
        return this.one(
          "interval '1' day",
          "date '2024-01-01'",
          "'it''s'",
          'null',
          'not true',
          `not (${this.number()} > 1)`,
          `not (${this.number()} = 1 and true)`,
          "'a' is null",
        );
      case 9:
        return `[${this.number()}]${this.one('[1]', '[1:2]', '[:1]', '[1:]')}`;
      case 10:
        return `${this.one('greatest', 'least', 'nullif', 'ifnull')}(${this.number()}, ${this.number()})`;
      case 11:
        return `case ${this.number()} when 1 then ${inner()}::varchar else 'y' end`;
      case 12:
        return this.numeric(depth);
      default:
        return this.column();
    }
  }

  condition(depth: number): string {
    return this.one(
      `${this.column()} is not null`,
      `${this.number()} > ${this.choose(4)}`,
      `${this.number()} = ${this.choose(4)} or not (${this.number()} = 2 and 1 <> 3)`,
      depth > 0 ? `${this.number()} in (select order_id from payments)` : 'true',
      depth > 0 ? `exists (select 1 from customers c where c.id = ${this.number()})` : '1 < 5',
    );
  }
}
