import { DqlError } from '../core/diagnostic.ts';
import { publishedVersion } from '../ledger/records.ts';
import { relationOf } from '../plan/plan-run.ts';
import { attachTarget, projectFor } from './attach-target.ts';
import type { CloneAnswer, UseCases } from './contract.ts';
import { openProject } from './open-project.ts';
import { openTarget, warehousePath } from './open-target.ts';
import { openedState } from './prepare-run.ts';
import { publicObject, type Taken, takeOver } from './take-over.ts';
import { planOfTarget } from './target-plan.ts';

type Cloned = CloneAnswer['cloned'][number];

/** Opens this target on another's published relations without copying a row: views of the same file, or of one that is attached. */
export const clone: UseCases['clone'] = async (options, hooks) => {
  const startedAt = performance.now();
  const opened = await openProject(options, 'clone', hooks);
  const { project } = opened;
  const fromName = options.from ?? project.target.defer;
  if (fromName === undefined)
    throw new DqlError([
      {
        code: 'clone/no-origin',
        severity: 'error',
        message: 'dql clone needs --from, the target whose tables are opened',
        hint: `e.g. dql clone --from ${project.targetNames.find((name) => name !== project.target.name) ?? 'prod'}`,
      },
    ]);
  const origin = projectFor(opened, fromName, options);
  if (fromName === project.target.name)
    throw new DqlError([
      {
        code: 'clone/onto-itself',
        severity: 'error',
        message: `target \`${fromName}\` cannot be cloned onto itself`,
        hint: 'name the new environment with -t',
      },
    ]);
  const isSameFile = warehousePath(origin) === warehousePath(project) && warehousePath(project) !== ':memory:';
  const attachment = project.target.attach.find(({ alias }) => alias === origin.target.database);
  if (!isSameFile && origin.target.database.toLowerCase() === project.target.database.toLowerCase())
    throw new DqlError([
      {
        code: 'clone/same-database-name',
        severity: 'error',
        message: `the files of \`${project.target.name}\` and \`${fromName}\` are both called \`${project.target.database}\`, and a clone reads the other by its file's name`,
        hint: 'give one of them another file name',
      },
    ]);
  if (!isSameFile && !attachment)
    throw new DqlError([
      {
        code: 'clone/not-attached',
        severity: 'error',
        message: `target \`${fromName}\` is in another file, which target \`${project.target.name}\` does not attach`,
        hint: `add to the target: attach: [{ path: ${origin.target.path}, alias: ${origin.target.database}, read_only: true }]`,
      },
    ]);
  const there = await planOfTarget(fromName, options, hooks);
  const here = await planOfTarget(project.target.name, options, hooks);
  const own = new Map(here.tasks.map((task) => [task.node, task.codeFingerprint]));
  const warehouse = await openTarget(project, {
    readOnly: false,
    lockTimeout: options.lockTimeout,
    onEvent: hooks.onEvent,
    signal: hooks.signal,
  });
  const connection = await warehouse.connect();
  try {
    const state = await openedState(warehouse, connection, project.target.name);
    const other = await attachTarget(opened, warehouse, connection, fromName, options);
    const cloned: Cloned[] = [];
    const taken: Taken[] = [];
    for (const task of there.tasks) {
      const node = opened.manifest.nodes[task.node];
      const origin = there.manifest.nodes[task.node];
      if (!node || !origin) continue;
      const source = publishedVersion(other.state, relationOf(origin));
      const told = (how: Cloned['how'], note: string | null) =>
        cloned.push({ node: task.node, name: node.name, relation: `${node.schema}.${node.alias}`, how, note });
      if (!source) told('skipped', `\`${fromName}\` has not published it`);
      else if (publishedVersion(state, relationOf(node)) && !options.fullRefresh)
        told('already there', 'replace it with --full-refresh');
      else {
        // A fingerprint of this target, if the code is still that of the cloned version; else the next build builds it.
        const isSameCode = task.codeFingerprint !== undefined && task.codeFingerprint === source.code_fingerprint;
        const codeFingerprint = isSameCode ? own.get(task.node) : undefined;
        taken.push({
          id: task.node,
          source,
          object: other.isAttached ? publicObject(source) : other.objectOf(source),
          how: 'share',
          codeFingerprint: codeFingerprint ?? `cloned:${source.code_fingerprint}`,
        });
        told(
          other.isAttached ? 'attached' : 'view',
          isSameCode ? null : 'its code differs here: the next build builds it',
        );
      }
    }
    const done =
      taken.length > 0
        ? await takeOver({
            opened,
            options,
            warehouse,
            connection,
            state,
            from: other.state,
            command: 'clone',
            args: { from: fromName },
            taken,
            untested: true,
          })
        : undefined;
    return {
      from: fromName,
      to: project.target.name,
      cloned: byName(cloned),
      unserved: done?.unserved ?? null,
      seconds: (performance.now() - startedAt) / 1000,
    };
  } finally {
    connection.close();
    await warehouse.close();
  }
};

const byName = (cloned: readonly Cloned[]): readonly Cloned[] =>
  [...cloned].sort((left, right) => (left.name < right.name ? -1 : 1));
