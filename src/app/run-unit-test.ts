import type { NodeId } from '../core/node-id.ts';
import type { Connection } from '../engine/engine.ts';
import type { ObjectOf, TestOutcome } from '../run/context.ts';
import { nodeResult } from '../run/node-result.ts';
import type { OpenedProject } from './open-project.ts';
import type { Relations } from './relations.ts';

/** Runs one unit test: the model's SQL over given rows instead of its parents. */
export async function runUnitTest(
  opened: OpenedProject,
  _relations: Relations,
  id: NodeId,
  _objectOf: ObjectOf,
  _connection: Connection,
): Promise<TestOutcome> {
  const result = nodeResult({
    id,
    node: opened.manifest.nodes[id],
    status: 'error',
    startedAt: 0,
    endedAt: 0,
    worker: 0,
    message: 'unit tests are not there yet',
    facts: { verdict: 'error' },
  });
  return { id, result, blocks: true, fingerprint: '', seconds: 0 };
}
