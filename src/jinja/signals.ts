import type { Value } from './contract.ts';

/** A host function asked for something only the outside knows. Nothing in this room catches it but the front door. */
export class Suspension {
  readonly request: unknown;
  constructor(request: unknown) {
    this.request = request;
  }
}

/** `return(value)` on its way to the macro it leaves. */
export class Returned {
  readonly value: Value;
  constructor(value: Value) {
    this.value = value;
  }
}

/**
 * Stops the render: it answers `{ kind: 'needs', request }`. Call it from a host function; answer the request, and render again
 * with a fresh scope.
 */
export function suspend(request: unknown): never {
  throw new Suspension(request);
}
