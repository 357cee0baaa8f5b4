/** The selection methods by the name people type. To add one: a file in `methods/` and a line here. */
import type { SelectorMethod } from './method.ts';
import { access } from './methods/access.ts';
import { config } from './methods/config.ts';
import { exposure } from './methods/exposure.ts';
import { file } from './methods/file.ts';
import { fqn } from './methods/fqn.ts';
import { group } from './methods/group.ts';
import { metric } from './methods/metric.ts';
import { owner } from './methods/owner.ts';
import { packageName } from './methods/package.ts';
import { path } from './methods/path.ts';
import { resourceType } from './methods/resource-type.ts';
import { result } from './methods/result.ts';
import { savedQuery } from './methods/saved-query.ts';
import { semanticModel } from './methods/semantic-model.ts';
import { source } from './methods/source.ts';
import { sourceStatus } from './methods/source-status.ts';
import { state } from './methods/state.ts';
import { tag } from './methods/tag.ts';
import { testName } from './methods/test-name.ts';
import { testType } from './methods/test-type.ts';
import { unitTest } from './methods/unit-test.ts';
import { version } from './methods/version.ts';

export const METHODS: Readonly<Record<string, SelectorMethod>> = {
  fqn,
  path,
  file,
  tag,
  source,
  exposure,
  package: packageName,
  config,
  group,
  access,
  owner,
  resource_type: resourceType,
  test_name: testName,
  test_type: testType,
  unit_test: unitTest,
  state,
  result,
  source_status: sourceStatus,
  version,
  metric,
  semantic_model: semanticModel,
  saved_query: savedQuery,
};

/** With `selector`, which is not a method of nodes: it names another selection. */
export const METHOD_NAMES: readonly string[] = [...Object.keys(METHODS), 'selector'];
