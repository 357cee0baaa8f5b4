import type { CallArguments, Value } from './contract.ts';
import { type Run, Site } from './run.ts';
import { isCallable } from './values/callable.ts';
import { sentence } from './values/iteration.ts';
import { typeError } from './values/template-error.ts';
import { kindOf } from './values/text.ts';
import { Undefined } from './values/undefined.ts';

/** Calls what a value is; the place must be set in the run. */
export function callIn(run: Run, callee: Value, args: CallArguments): Value {
  if (isCallable(callee)) return callee.call(args, new Site(run.at, run.stack));
  if (callee instanceof Undefined) throw callee.error();
  throw typeError(`${sentence(kindOf(callee))} cannot be called.`);
}
