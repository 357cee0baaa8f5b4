/** What is measured. Each part is small enough to be run alone: `npm run bench layers`. */
import { copyFileSync, cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RollbackAnswer } from '../report/answers.ts';
import type { RunResults } from '../run/results.ts';
import { type Figure, figure, type Part } from './figure.ts';
import { layeredProject, mixedProject, wideProject, write } from './generated-projects.ts';
import { DQL, dql, duckdb, floor, measured, median } from './measure.ts';
import { writeStatements } from './statements.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Of the last build: what its tests took, beside what the models took that they are about. */
function testsBesideModels(part: string, folder: string): Figure {
  const { results } = JSON.parse(readFileSync(join(folder, 'target', 'run_results.json'), 'utf8')) as RunResults; // dql wrote it
  const took = (isTest: boolean) =>
    results
      .filter(({ unique_id }) => /^(unit_)?test\./.test(unique_id) === isTest)
      .reduce((sum, { execution_time }) => sum + execution_time, 0);
  return {
    part,
    what: 'of which tests, beside models',
    seconds: took(true),
    floorSeconds: took(false),
    peakMb: null,
    target: '≤ 0.05 × models',
  };
}

/** The example at the root of the repository: 3,000,000 flights. */
function* example(folder: string): Generator<Figure> {
  for (const name of ['models', 'tests', 'seeds', 'macros', 'project.yml'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const first = dql(folder, 'build');
  const alone = floor(folder, writeStatements(folder));
  yield figure('example', 'first build', first, alone, '≤ 1.1 × floor');
  yield testsBesideModels('example', folder);
  yield figure('example', 'second build, nothing changed', dql(folder, 'build'));
}

/** 500 models of 1,000 rows, each joining two, with two tests each. */
async function* layers(folder: string): AsyncGenerator<Figure> {
  write(folder, layeredProject(25, 20, 1000));
  const first = dql(folder, 'build');
  const { meta } = JSON.parse(readFileSync(join(folder, 'target', 'run_results.json'), 'utf8')) as RunResults; // dql wrote it
  const views = await viewsAlone(folder);
  const alone = floor(folder, writeStatements(folder));
  yield figure('layers', '500 models, first build', first, alone, '≤ 1.8 × floor');
  yield {
    part: 'layers',
    what: 'of which publishing 500 models',
    seconds: meta.dql.publish_seconds ?? 0,
    floorSeconds: views,
    peakMb: null,
    target: '≤ 0.1 s',
  };
  yield figure('layers', 'second build, nothing changed', dql(folder, 'build'), undefined, '≤ 0.4 s');
  const edited = join(folder, 'models/layer_12/m_12_5.sql');
  writeFileSync(edited, readFileSync(edited, 'utf8').replace('one.amount +', '1 + one.amount +'));
  yield figure('layers', 'one model edited, what reads it', dql(folder, 'build'));
  const back = dql(folder, 'rollback', '--output', 'json');
  const { seconds } = JSON.parse(back.stdout) as RollbackAnswer; // dql wrote it
  yield figure('layers', 'rollback of that, the whole command', back);
  yield { ...figure('layers', 'of which going back', { ...back, seconds }, undefined, '≤ 0.2 s'), peakMb: null };
}

/** As many views over the same versions in one transaction of a copy, made by the engine's own client and written down in no ledger. */
async function viewsAlone(folder: string): Promise<number> {
  const copy = join(folder, 'views.duckdb');
  copyFileSync(join(folder, 'layers.duckdb'), copy);
  await duckdb(copy, 'create schema bare');
  const models = Object.keys(layeredProject(25, 20, 1000)).flatMap((path) => /(\w+)\.sql$/.exec(path)?.[1] ?? []);
  const views = models.map((name) => `create view bare.${name} as select * from _dql."main.${name}@1"`);
  return duckdb(copy, 'begin', ...views, 'commit');
}

/** Models with an entry and two tests each, 100 to a file. */
function* parsing(folder: string): Generator<Figure> {
  for (const models of [1_000, 10_000]) {
    const own = join(folder, String(models));
    write(own, wideProject(models));
    const shown = models.toLocaleString('en');
    yield figure(
      'parsing',
      `parse ${shown} models, cold`,
      dql(own, 'parse'),
      undefined,
      models === 10_000 ? '≤ 3 s, < 600 MB' : undefined,
    );
    writeFileSync(join(own, 'models/part_3/m_00317.sql'), 'select 2 as id');
    yield figure(
      'parsing',
      `parse ${shown} models, one edited`,
      dql(own, 'parse'),
      undefined,
      models === 10_000 ? '≤ 0.5 s' : undefined,
    );
    rmSync(own, { recursive: true, force: true });
  }
}

/** 1,000 models of ten shapes in 20 layers; nothing is built. The floor is what `dql parse` needs for the same project. */
function* lineage(folder: string): Generator<Figure> {
  write(folder, mixedProject(1_000));
  const trace = () => dql(folder, 'lineage', 'model_990.amount', '--upstream');
  const parsedFirst = dql(folder, 'parse');
  rmSync(join(folder, 'target'), { recursive: true });
  yield figure('lineage', '1,000 models, cold', trace(), parsedFirst, '≤ 5 s');
  const parsedAgain = median(3, () => dql(folder, 'parse'));
  yield figure('lineage', '1,000 models, nothing changed', median(3, trace), parsedAgain, '≤ 0.3 s above floor');
  const edited = join(folder, 'models/layer_3/model_150.sql');
  writeFileSync(edited, readFileSync(edited, 'utf8').replace('amount *', 'amount * 2 *'));
  yield figure('lineage', '1,000 models, one edited', trace(), parsedAgain);
}

function* starting(folder: string): Generator<Figure> {
  const node = median(9, () => measured(['-e', '0'], folder));
  for (const flag of ['--version', '--help'])
    yield figure(
      'starting',
      `dql ${flag}`,
      median(9, () => measured([DQL, flag], folder)),
      node,
      '≤ 100 ms above node',
    );
}

export const parts: Readonly<Record<string, Part>> = { starting, parsing, lineage, layers, example };
