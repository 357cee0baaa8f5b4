/** One titled stretch of the page; absent when there is nothing to show. */
export interface Section {
  readonly name: string;
  readonly title: string;
  readonly count?: number | undefined;
  readonly body: readonly (Node | string)[];
}
