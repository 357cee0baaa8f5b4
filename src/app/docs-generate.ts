/** `dql docs generate`: the site and dbt's catalog.json, from what is known. Never writes to the warehouse. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip, type ZlibOptions } from 'node:zlib';
import type { NodeId } from '../core/node-id.ts';
import { withoutQuotedValues } from '../core/quoted-values.ts';
import { readArtifact } from '../disk/read-artifact.ts';
import { writeMeanwhile, writeTarget } from '../disk/write-target.ts';
import { buildSite, EMPTY_CATALOG, type GuideSection, personalData, type SiteFile } from '../docs/docs.ts';
import type { DocsAnswer } from '../report/answers.ts';
import type { RunResults } from '../run/results.ts';
import { type CatalogAnalysis, readCatalog } from './artifacts/catalog.ts';
import { manifestFile } from './artifacts/write-artifacts.ts';
import { builtColumns } from './columns/built-columns.ts';
import { type ProjectLineage, withColumnLineage } from './columns/column-lineage.ts';
import { columnEdges } from './columns/secret-columns.ts';
import type { CommonOptions, DocsOptions, Hooks, UseCases } from './contract.ts';
import { publicCompiler } from './opening/branches.ts';
import { selectContext } from './opening/choose-nodes.ts';
import { openProject } from './opening/open-project.ts';
import type { OpenedProject } from './opening/opened-project.ts';
import { readLastRun } from './running/last-run.ts';
import { openAhead } from './running/open-ahead.ts';
import { keptVersions, measuredFreshness, servingOlder } from './site/docs-history.ts';
import { docsWarehouse } from './site/docs-warehouse.ts';
import { siteAnswers } from './site/site-answers.ts';
import {
  inheritedFacts,
  lastManifest,
  selected,
  withCode,
  withInheritedDescriptions,
  withUnbuilt,
} from './site/site-manifest.ts';
import { asTest } from './tests/compile-test.ts';
import { pastOf } from './tests/test-history.ts';
import { testSql } from './tests/test-sql.ts';
import { liveWarehouse } from './warehouse/live-warehouse.ts';
import { warehousePath } from './warehouse/open-target.ts';
import { publicRelations } from './warehouse/relations.ts';

export const docsGenerate: UseCases['docsGenerate'] = async (options, hooks) => {
  const startedAt = performance.now();
  const ahead = options.emptyCatalog ? undefined : await openAhead(readLastRun(options)?.last.project, true);
  try {
    const opened = await openProject(options, 'generate', hooks, undefined, ahead?.onParsed);
    const site = await siteFiles(opened, options, hooks);
    return { ...written(site, destination(opened, options), options), seconds: (performance.now() - startedAt) / 1000 };
  } finally {
    await ahead?.letGo();
  }
};

function written(site: Site, to: string, options: DocsOptions): Omit<DocsAnswer, 'seconds'> {
  const bytes = site.files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  if (options.singleFile)
    writeTarget(
      dirname(to),
      site.files.map((file) => ({ ...file, path: basename(to) })),
    );
  else {
    // Data files of an earlier, larger project must not stay; anything else in the folder is not ours.
    const wanted = new Set(site.files.map(({ path }) => path));
    for (const old of earlierFiles(to)) if (!wanted.has(old)) rmSync(join(to, old), { force: true });
    writeTarget(to, [...site.files, { path: MARK, text: JSON.stringify([...wanted]) }]);
  }
  return {
    path: options.singleFile ? to : join(to, 'index.html'),
    pages: site.pages,
    bytes,
  };
}

/** What the last `docs generate` wrote into this folder. */
const MARK = '.dql-site.json';
const earlierFiles = (folder: string): readonly string[] =>
  (readArtifact<readonly string[]>(folder, MARK) ?? []).filter((path) => !path.includes('..') && !isAbsolute(path));

function destination({ targetFolder }: OpenedProject, { to, singleFile }: DocsOptions): string {
  if (!singleFile) return to ?? join(targetFolder, 'docs');
  if (to === undefined) return join(targetFolder, 'docs.html');
  return /\.html?$/i.test(to) ? to : join(to, 'index.html');
}

export interface Site {
  readonly files: readonly SiteFile[];
  readonly pages: number;
}

/** Also writes catalog.json and, when it compiled, manifest.json. */
export async function siteFiles(
  opened: OpenedProject,
  options: CommonOptions & DocsOptions,
  hooks: Hooks,
): Promise<Site> {
  const known = options.compile ? opened.manifest : lastManifest(opened);
  const live = options.emptyCatalog ? undefined : liveWarehouse(opened.project, options, hooks);
  const looking = docsWarehouse(live, opened, options, hooks);
  looking.catch(() => undefined); // told where it is waited for
  const [stopped, compiledAll, analysed] = [new AbortController(), later<void>(), later<CatalogAnalysis>()];
  // DuckDB counts in threads of its own while the project is analysed; but a template's question must find it as the project set it up.
  const measuring = options.emptyCatalog
    ? Promise.resolve(EMPTY_CATALOG)
    : Promise.all([looking, compiledAll.promise]).then(([{ warehouse, state, inventory }]) =>
        readCatalog({
          opened,
          options,
          warehouse,
          state,
          inventory,
          signal: AbortSignal.any([hooks.signal, stopped.signal]),
          isPersonal: personalData(known, []).holds,
          analysed: analysed.promise,
        }),
      );
  measuring.catch(() => undefined); // told where it is waited for
  const writing: Promise<void>[] = [];
  const documented = async (lineage: ProjectLineage) => {
    const { targetFolder, project } = opened;
    const compiled = await compiledCode(opened, lineage, options.now);
    const manifest = options.compile ? withCode(known, compiled, project.folder) : known;
    const columnLineage = columnEdges(lineage.graph.edges);
    const personal = personalData(manifest, columnLineage);
    analysed.resolve({ columns: lineage.columns, isPersonal: personal.holds });
    await setImmediate();
    const results = readArtifact<RunResults>(targetFolder, 'run_results.json');
    const { shown, describedBy } = withInheritedDescriptions(selected(manifest, opened, options), lineage.graph);
    const ofTarget = results?.meta?.dql?.target === project.target.name ? results : undefined;
    await setImmediate();
    const inherited = inheritedFacts(manifest, lineage, describedBy);
    const { state, history, earlier } = await looking;
    if (options.writeJson && options.compile)
      writing.push(writeMeanwhile(targetFolder, manifestFile(opened, compiled)));
    await setImmediate();
    const answers = siteAnswers(opened.manifest, {
      ...selectContext(opened, options),
      previous: earlier?.manifest,
      previousResults: ofTarget && new Map(ofTarget.results.map(({ unique_id, status }) => [unique_id, status])),
    });
    const measured = await measuring;
    const errors = personal.exists ? (measured.errors?.map(withoutQuotedValues) ?? null) : measured.errors;
    const catalog = { ...measured, errors };
    if (options.writeJson)
      writing.push(writeMeanwhile(targetFolder, { path: 'catalog.json', text: JSON.stringify(catalog) }));
    const files = await buildSite({
      projectTitle: project.root.name,
      manifest: shown,
      catalog: withUnbuilt(catalog, shown, lineage),
      // The folder may hold the results of another target.
      ...(ofTarget ? { results: ofTarget } : {}),
      answers,
      ...(earlier ? { comparedWith: earlier.label } : {}),
      ...(state.lastSequence > 0 ? { history, ...servingOlder(manifest, state, options.now) } : {}),
      versions: keptVersions(manifest, state),
      columnLineage,
      inherited,
      freshness: measuredFreshness(targetFolder),
      guide: guide(),
      personal,
      secrets: project.secrets,
      warehouse: relative(project.folder, warehousePath(project)) || project.target.path,
      assets: assets(),
      singleFile: options.singleFile,
      gzip: async (text) => (await gzipped(text, { level: 6 })).toString('base64'),
      now: options.now,
    });
    await Promise.all(writing);
    const { nodes, sources, exposures, metrics, semantic_models, saved_queries, groups } = shown;
    const pages = [nodes, sources, exposures, metrics, semantic_models, saved_queries, groups].reduce(
      (sum, all) => sum + Object.keys(all ?? {}).length,
      0,
    );
    return { files, pages };
  };
  try {
    return await withColumnLineage(
      opened,
      options,
      liveWarehouse(opened.project, options, hooks),
      documented,
      async (compiled) => {
        compiledAll.resolve();
        return builtColumns(opened, compiled, await looking);
      },
    );
  } finally {
    const ended = new Error('the site is not made');
    compiledAll.reject(ended);
    analysed.reject(ended);
    stopped.abort();
    await measuring.catch(() => undefined);
    await looking.catch(() => undefined);
    await live?.close();
    await Promise.allSettled(writing);
  }
}

/** A promise that is settled from outside; rejecting it need not be heard. */
function later<T>() {
  let settle: { readonly resolve: (value: T) => void; readonly reject: (error: Error) => void } | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  promise.catch(() => undefined);
  return { promise, resolve: (value: T) => settle?.resolve(value), reject: (error: Error) => settle?.reject(error) };
}

/** With pauses: in every one DuckDB is handed its next statement. */
async function compiledCode(
  opened: OpenedProject,
  { models, columns }: ProjectLineage,
  now: Date,
): Promise<ReadonlyMap<NodeId, string>> {
  const compile = publicCompiler(opened);
  const { relationOf } = publicRelations(opened);
  const { manifest } = opened;
  const code = new Map<NodeId, string>();
  for (const [id, { compiledCode: sql }] of models) if (sql !== undefined) code.set(id, sql);
  const tests = Object.values(manifest.nodes).filter(
    (node) => node.resource_type === 'test' && pastOf(node) === undefined,
  );
  for (const [index, node] of tests.entries()) {
    if (index % TESTS_AT_A_TIME === 0) await setImmediate();
    const outcome = compile(node.unique_id, false);
    if (outcome.kind === 'needs') continue;
    const about = { manifest, columns: columns.get(node.attached_node ?? ''), now };
    const { value: sql } = testSql(asTest(outcome, node, relationOf), node, about);
    if (sql !== undefined) code.set(node.unique_id, sql);
  }
  return code;
}

/** Some 50 ms. */
const TESTS_AT_A_TIME = 1000;

const gzipped = promisify<string, ZlibOptions, Buffer>(gzip);

const here = fileURLToPath(new URL('.', import.meta.url));

/** The site's page, styles and script: beside the compiled program, also when it runs from its sources. */
function assets(): Readonly<Record<string, string>> {
  const folders = [join(here, '../docs/assets'), join(here, '../../dist/docs/assets')];
  const read = (name: string): readonly [string, string] => {
    const path = folders.map((folder) => join(folder, name)).find((candidate) => existsSync(candidate));
    if (path === undefined) throw new Error(`the file ${name} of the docs site is missing: run the build of dql again`);
    return [name, readFileSync(path, 'utf8')];
  };
  return Object.fromEntries(['index.html', 'app.css', 'app.js'].map(read));
}

/** The chapters of dql's own README. */
function guide(): readonly GuideSection[] {
  const path = join(here, '../../README.md');
  if (!existsSync(path)) return [];
  const [first = '', ...chapters] = readFileSync(path, 'utf8').split(/^## /m);
  // What comes before the first picture says what dql is; the rest is about its repository.
  const beginning = first.replace(/^# .*\n/, 'What dql is\n').split(/^!\[/m)[0] ?? '';
  return [beginning, ...chapters].map((chapter) => {
    const [title = '', ...lines] = chapter.split('\n');
    return {
      slug: title
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, ''),
      title: title.trim(),
      markdown: lines.join('\n').trim(),
    };
  });
}
