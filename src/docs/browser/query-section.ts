/** How to ask this relation something, from wherever one sits; and queries of the project's own that are run as tests. */
import { shownIdentifier } from '../../core/quote.ts';
import type { ItemDetail } from '../site-data.ts';
import { itemLink, stateBadge } from './badges.ts';
import { codeBlock } from './code-section.ts';
import { copyButton } from './copy-button.ts';
import { h } from './element.ts';
import type { Section } from './section.ts';
import { selectorFor } from './selection.ts';
import { itemAt, type Site } from './site.ts';

export function querySection(site: Site, position: number, detail: ItemDetail): Section | undefined {
  const { relation } = detail;
  if (relation === null && detail.examples.length === 0) return undefined;
  const examples = detail.examples.map(({ title, sql, test }) =>
    h(
      'div.example',
      null,
      h(
        'p',
        null,
        h('strong', null, title),
        ' ',
        stateBadge(itemAt(site, test).state),
        ' ',
        h('span.soft', null, 'run as '),
        itemLink(site, test),
      ),
      h(
        'div.code-holder',
        null,
        codeBlock(sql),
        copyButton(() => sql),
      ),
    ),
  );
  return {
    name: 'query',
    title: 'How to query it',
    body: [
      ...(detail.unbuilt ? [h('p.note', null, NOT_YET)] : []),
      ...examples,
      ...(relation === null ? [] : [ways(site, position, relation)]),
    ],
  };
}

const NOT_YET = 'Nothing answers to this name yet: no build of it was published when this site was made.';

function ways(site: Site, position: number, relation: string): HTMLElement {
  // The database's name is the file's; whoever opens the file is already in it.
  const plain = relation
    .replace(/^"(?:[^"]|"")*"\.(?=")/, '')
    .replace(/"((?:[^"]|"")*)"/g, (_, name: string) => shownIdentifier(name.replaceAll('""', '"')));
  const file = site.index.warehouse ?? 'warehouse.duckdb';
  const columns = (itemAt(site, position).columns ?? []).slice(0, 4);
  const sql = `select ${columns.length > 0 ? columns.map(shownIdentifier).join(', ') : '*'}\nfrom ${plain}\nlimit 10`;
  const line = sql.replaceAll('\n', ' ');
  const texts: readonly (readonly [string, string])[] = [
    ['SQL', sql],
    ['Shell', `duckdb -readonly ${shell(file)} -c ${shell(line)}`],
    ['dql', `dql show --select ${shell(selectorFor(site, position))} --limit 10`],
    [
      'Python',
      `import duckdb\n\nwith duckdb.connect(${JSON.stringify(file)}, read_only=True) as warehouse:\n    print(warehouse.sql(${JSON.stringify(line)}))`,
    ],
    [
      'Node',
      `import { DuckDBInstance } from "@duckdb/node-api";\n\nconst instance = await DuckDBInstance.create(${JSON.stringify(file)}, { access_mode: 'READ_ONLY' });\nconst connection = await instance.connect();\nconst reader = await connection.runAndReadAll(${JSON.stringify(line)});\nconsole.table(reader.getRowObjects());`,
    ],
  ];
  const holder = h('div.code-holder');
  const show = (title: string, text: string) =>
    holder.replaceChildren(
      title === 'SQL' ? codeBlock(text) : plainBlock(text),
      copyButton(() => text),
    );
  const tabs = texts.map(([title, text], at) =>
    h(
      'button',
      {
        type: 'button',
        'aria-pressed': String(at === 0),
        onclick: () => {
          for (const tab of tabs) tab.setAttribute('aria-pressed', String(tab === tabs[at]));
          show(title, text);
        },
      },
      title,
    ),
  );
  show('SQL', sql);
  return h('div', null, h('div.switch', { role: 'group', 'aria-label': 'From where' }, tabs), holder);
}

const plainBlock = (text: string): HTMLElement =>
  h('pre.code', { tabindex: '0', role: 'group', 'aria-label': 'Code' }, h('code', null, text));

const shell = (text: string): string => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
