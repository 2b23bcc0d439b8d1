import { lazy, type ComponentType, type LazyExoticComponent } from "react";

/**
 * What import() gives. A part that a new release has replaced gives nothing: then the page is being
 * loaded again (app/upgrade.ts), and until it is gone the part is just not there yet.
 */
export async function part<T>(loading: Promise<T>): Promise<T> {
  const loaded = (await loading) as T | undefined;
  return loaded ?? new Promise<T>(() => undefined);
}

/** A component that is the default export of its module, loaded when it is first shown. */
// oxlint-disable-next-line typescript/no-explicit-any -- of any properties
export function lazy_part<C extends ComponentType<any>>(
  load: () => Promise<{ default: C }>,
): LazyExoticComponent<C> {
  return lazy(() => part(load()));
}
