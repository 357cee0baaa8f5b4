/** A scene that can be moved, zoomed, walked with the keyboard and asked what depends on what. SVG up to 300 boxes, a canvas beyond. */
import type { ColumnTrace } from './column-trace.ts';
import { h } from './element.ts';
import { type Camera, drawScene } from './graph-canvas.ts';
import { buildScene, FEW, type Lens, type Scene, type SceneNode } from './graph-scene.ts';
import { sceneFile, sceneSvg } from './graph-svg.ts';
import { addressOf } from './route.ts';
import { itemAt, type Site } from './site.ts';

export interface GraphView {
  readonly element: HTMLElement;
  readonly scene: Scene;
  /** Everything that leads to the item and everything that follows from it is lit; null lights all. */
  readonly choose: (item: number | null) => void;
  /** Everything between two items is lit. */
  readonly path: (from: number, to: number) => number;
  readonly traceColumn: (key: string | null) => void;
  readonly zoom: (factor: number) => void;
  readonly fit: () => void;
  readonly file: (title: string) => string;
}

export interface GraphOptions {
  readonly lens: Lens;
  readonly trace?: ColumnTrace | undefined;
  /** Whether the wheel zooms at once, or only with Ctrl, so that a page with a small graph can be scrolled. */
  readonly wheelZooms: boolean;
  readonly label: string;
  readonly focus?: number | undefined;
  readonly onChoose?: (item: number | null) => void;
  readonly onPath?: (from: number, to: number) => void;
}

/** Scales: below the first words cannot be read; the second is good to read. */
const LEGIBLE = 0.5;
const READABLE = 0.75;

/** Halfway down what stands furthest to the left. */
function beginningOf({ nodes }: Scene): SceneNode | undefined {
  const left = nodes.reduce((least, { x }) => Math.min(least, x), Number.POSITIVE_INFINITY);
  const first = nodes.filter(({ x }) => x <= left + 1).sort((a, b) => a.y - b.y);
  return first[Math.floor(first.length / 2)];
}

export function graphView(site: Site, items: readonly number[], options: GraphOptions): GraphView {
  const scene = buildScene(site, items, options);
  const few = scene.nodes.length <= FEW;
  const canvas = h('canvas', { 'aria-hidden': 'true' });
  const element = h('div.graph', {
    tabindex: few ? null : '0',
    role: few ? null : 'application',
    'aria-label': few ? null : `${options.label}. Arrow keys walk along it, Enter opens.`,
  });
  const spoken = h('p.spoken', { role: 'status' });
  let camera: Camera = { x: 0, y: 0, scale: 1 };
  let chosen: number | null = null;
  let lit: ReadonlySet<number> | null = null;
  let columnsLit: ReadonlySet<string> | null = null;
  let asked = 0;

  if (few) {
    element.innerHTML = `<svg role="group"><g class="camera">${sceneSvg(scene)}</g></svg>`;
    element.querySelector('svg')?.setAttribute('aria-label', options.label);
  } else element.append(canvas);
  element.append(spoken);
  const stage = element.querySelector('g.camera');

  const draw = () => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(() => {
      if (stage) stage.setAttribute('transform', `translate(${camera.x} ${camera.y}) scale(${camera.scale})`);
      else {
        const style = getComputedStyle(document.documentElement);
        drawScene(canvas, scene, camera, { lit, chosen, value: (name) => style.getPropertyValue(name).trim() });
      }
    });
  };
  const light = () => {
    if (stage) {
      stage.classList.toggle('dimmed', lit !== null);
      stage.classList.toggle('tracing', columnsLit !== null);
      for (const node of stage.querySelectorAll<SVGElement>('.node')) {
        const item = Number(node.dataset.item);
        node.classList.toggle('lit', lit?.has(item) ?? false);
        node.classList.toggle('chosen', item === chosen);
      }
      for (const edge of stage.querySelectorAll<SVGElement>('.edge'))
        edge.classList.toggle(
          'lit',
          (lit?.has(Number(edge.dataset.from)) && lit.has(Number(edge.dataset.to))) ?? false,
        );
      for (const column of stage.querySelectorAll<SVGElement>('.column'))
        column.classList.toggle('lit', columnsLit?.has(column.dataset.column ?? '') ?? false);
      for (const edge of stage.querySelectorAll<SVGElement>('.column-edge'))
        edge.classList.toggle(
          'lit',
          (columnsLit?.has(edge.dataset.from ?? '') && columnsLit.has(edge.dataset.to ?? '')) ?? false,
        );
    }
    draw();
  };
  const reach = (start: number, next: (item: number) => readonly number[]): Set<number> => {
    const seen = new Set([start]);
    for (const item of seen) for (const other of next(item)) if (scene.byItem.has(other)) seen.add(other);
    return seen;
  };
  const before = (item: number) => itemAt(site, item).parents;
  const after = (item: number) => site.children[item] ?? [];

  const view: GraphView = {
    element,
    scene,
    choose(item) {
      chosen = item;
      columnsLit = null;
      lit = item === null ? null : new Set([...reach(item, before), ...reach(item, after)]);
      light();
      if (item !== null) {
        const { name } = itemAt(site, item);
        spoken.textContent = `${name}: ${reach(item, before).size - 1} before it, ${reach(item, after).size - 1} depend on it`;
      }
      options.onChoose?.(item);
    },
    path(from, to) {
      const [start, end] = reach(from, after).has(to) ? [from, to] : [to, from];
      const behind = reach(end, before);
      const between = [...reach(start, after)].filter((item) => behind.has(item));
      lit = new Set(between);
      light();
      spoken.textContent = between.length === 0 ? 'No path joins them' : `${between.length} on the way`;
      return between.length;
    },
    traceColumn(key) {
      columnsLit = key === null ? null : (options.trace?.through(key) ?? null);
      lit = columnsLit === null ? null : new Set([...columnsLit].map((one) => Number(one.split('/')[0])));
      light();
    },
    zoom: (factor) => zoomAt(factor, element.clientWidth / 2, element.clientHeight / 2),
    fit: () => place(0),
    file: (title) => sceneFile(scene, title, getComputedStyle(document.documentElement)),
  };

  /** All of the scene, as long as that is not smaller than `least`; else what is in focus, or its beginning, at a size to be read. */
  const place = (least: number) => {
    const room = { width: element.clientWidth || 800, height: element.clientHeight || 400 };
    const margin = Math.min(28, room.width / 20);
    const whole = Math.min((room.width - 2 * margin) / scene.width, (room.height - 2 * margin) / scene.height);
    // A small graph is not blown up.
    const scale = whole >= least ? Math.min(few ? 1.1 : 1, whole) : READABLE;
    const focus = options.focus === undefined ? undefined : scene.byItem.get(options.focus);
    // The corner of a large graph is mostly empty.
    const beginning = focus ?? beginningOf(scene);
    const along = (size: number, full: number, middle: number | undefined) => {
      if (full * scale <= size - 2 * margin + 1) return (size - full * scale) / 2;
      const start = middle === undefined ? margin : size / 2 - middle * scale;
      // Nothing is gained by looking past an end.
      return Math.min(margin, Math.max(size - margin - full * scale, start));
    };
    camera = {
      scale,
      x: along(room.width, scene.width, focus && focus.x + focus.width / 2),
      y: along(room.height, scene.height, beginning && beginning.y + beginning.height / 2),
    };
    draw();
  };
  const zoomAt = (factor: number, x: number, y: number) => {
    const scale = Math.min(3, Math.max(0.02, camera.scale * factor));
    const by = scale / camera.scale;
    camera = { scale, x: x - (x - camera.x) * by, y: y - (y - camera.y) * by };
    draw();
  };
  const nodeAt = (x: number, y: number): SceneNode | undefined => {
    const at = { x: (x - camera.x) / camera.scale, y: (y - camera.y) / camera.scale };
    return scene.nodes.find(
      (node) => at.x >= node.x && at.x <= node.x + node.width && at.y >= node.y && at.y <= node.y + node.height,
    );
  };
  const open = (item: number) => {
    location.hash = addressOf(itemAt(site, item).slug);
  };
  const reveal = (item: number) => {
    const node = scene.byItem.get(item);
    if (!node) return;
    const x = (node.x + node.width / 2) * camera.scale + camera.x;
    const y = (node.y + node.height / 2) * camera.scale + camera.y;
    const inside = x > 60 && y > 30 && x < element.clientWidth - 60 && y < element.clientHeight - 30;
    if (!inside)
      camera = { ...camera, x: camera.x + element.clientWidth / 2 - x, y: camera.y + element.clientHeight / 2 - y };
    for (const other of element.querySelectorAll<SVGElement>('.node'))
      other.setAttribute('tabindex', Number(other.dataset.item) === item ? '0' : '-1');
    draw();
  };
  /** From where paths are lit while the shift key is held. */
  let start: number | null = null;
  const walkTo = (item: number, from: number | null) => {
    if (from === null) view.choose(item);
    else {
      view.path(from, item);
      chosen = item;
      options.onPath?.(from, item);
    }
    reveal(item);
    element.querySelector<SVGElement>(`.node[data-item="${item}"]`)?.focus({ preventScroll: true });
  };

  listenToPointer(element, {
    move: (dx, dy) => {
      camera = { ...camera, x: camera.x + dx, y: camera.y + dy };
      draw();
    },
    zoomAt,
    wheelZooms: options.wheelZooms,
    click: (x, y, event) => {
      const column =
        event.target instanceof Element ? event.target.closest<SVGElement>('.column')?.dataset.column : undefined;
      if (column !== undefined) {
        view.traceColumn(column);
        return;
      }
      const node = nodeAt(x, y);
      if (node && event.shiftKey && chosen !== null) {
        view.path(chosen, node.item);
        options.onPath?.(chosen, node.item);
      } else view.choose(node?.item ?? null);
    },
    doubleClick: (x, y) => {
      const node = nodeAt(x, y);
      if (node) open(node.item);
    },
  });
  element.addEventListener('keydown', (event) => {
    // Where the focus is one of the boxes, it is meant; a canvas has none.
    const focused = document.activeElement?.getAttribute('data-item');
    const at = focused ? Number(focused) : (chosen ?? scene.nodes[0]?.item ?? -1);
    if (!scene.byItem.has(at)) return;
    const next = stepFrom(site, scene, at, event.key);
    if (next !== undefined) {
      start = event.shiftKey ? (start ?? at) : null;
      walkTo(next, start);
    } else if (event.key === 'Enter') open(at);
    else if (event.key === ' ') view.choose(at);
    else if (event.key === 'Escape') view.choose(null);
    else if (event.key === '+' || event.key === '=') view.zoom(1.25);
    else if (event.key === '-') view.zoom(0.8);
    else if (event.key === '0') view.fit();
    else return;
    event.preventDefault();
  });
  element.querySelector('.node')?.setAttribute('tabindex', '0');
  if (options.focus !== undefined) element.querySelector(`.node[data-item="${options.focus}"]`)?.classList.add('focus');
  let known = 0;
  new ResizeObserver(() => {
    if (element.clientWidth === 0) return;
    // The first size places the scene; later ones leave it where its reader put it.
    if (known === 0) place(few ? LEGIBLE : 0);
    else draw();
    known = element.clientWidth;
  }).observe(element);
  document.addEventListener('dql-theme', draw);
  return view;
}

/** Right and left follow the data, up and down stay in the column. */
function stepFrom(site: Site, scene: Scene, item: number, key: string): number | undefined {
  const here = scene.byItem.get(item);
  if (!here) return undefined;
  const nearest = (others: readonly SceneNode[]) =>
    [...others].sort((a, b) => Math.abs(a.y - here.y) - Math.abs(b.y - here.y))[0]?.item;
  const known = (items: readonly number[]) => items.flatMap((other) => scene.byItem.get(other) ?? []);
  const column = (below: boolean) =>
    scene.nodes.filter((node) => node.x === here.x && (below ? node.y > here.y : node.y < here.y));
  switch (key) {
    case 'ArrowRight':
      return nearest(known(site.children[item] ?? []));
    case 'ArrowLeft':
      return nearest(known(itemAt(site, item).parents));
    case 'ArrowDown':
      return nearest(column(true));
    case 'ArrowUp':
      return nearest(column(false));
    default:
      return undefined;
  }
}

interface PointerCalls {
  readonly move: (dx: number, dy: number) => void;
  readonly zoomAt: (factor: number, x: number, y: number) => void;
  readonly wheelZooms: boolean;
  readonly click: (x: number, y: number, event: PointerEvent) => void;
  readonly doubleClick: (x: number, y: number) => void;
}

/** Drag to move, wheel or two fingers to zoom, click to choose. */
function listenToPointer(element: HTMLElement, calls: PointerCalls): void {
  const down = new Map<number, { x: number; y: number }>();
  let moved = 0;
  const place = (event: MouseEvent) => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    down.set(event.pointerId, place(event));
    moved = 0;
  });
  element.addEventListener('pointermove', (event) => {
    const last = down.get(event.pointerId);
    if (!last) return;
    const now = place(event);
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const apart = (a: { x: number; y: number }) => Math.hypot(a.x - other.x, a.y - other.y);
      calls.zoomAt(apart(now) / Math.max(1, apart(last)), (now.x + other.x) / 2, (now.y + other.y) / 2);
    } else calls.move(now.x - last.x, now.y - last.y);
    moved += Math.abs(now.x - last.x) + Math.abs(now.y - last.y);
    // Capturing at once would swallow clicks on what is inside.
    if (moved > 4 && !element.hasPointerCapture(event.pointerId)) element.setPointerCapture(event.pointerId);
    down.set(event.pointerId, now);
  });
  const up = (event: PointerEvent) => {
    if (!down.delete(event.pointerId) || moved > 4 || event.type === 'pointercancel') return;
    const { x, y } = place(event);
    calls.click(x, y, event);
  };
  element.addEventListener('pointerup', up);
  element.addEventListener('pointercancel', up);
  element.addEventListener('dblclick', (event) => {
    const { x, y } = place(event);
    calls.doubleClick(x, y);
  });
  element.addEventListener(
    'wheel',
    (event) => {
      if (!calls.wheelZooms && !event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const { x, y } = place(event);
      calls.zoomAt(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0018)), x, y);
    },
    { passive: false },
  );
}
