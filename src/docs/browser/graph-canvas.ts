/** A scene of thousands of boxes on a canvas: only what is in sight is drawn, and words only where they can be read. */
import { BOX, curve, type Scene } from './graph-scene.ts';

export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface CanvasLook {
  readonly lit: ReadonlySet<number> | null;
  readonly chosen: number | null;
  /** A CSS variable's value. */
  readonly value: (name: string) => string;
}

/** Beyond this many lines in sight only those of the highlighted nodes are drawn. */
const LINES = 9000;

export function drawScene(canvas: HTMLCanvasElement, scene: Scene, camera: Camera, look: CanvasLook): void {
  const pen = canvas.getContext('2d');
  if (!pen) return;
  const ratio = devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.setTransform(ratio * camera.scale, 0, 0, ratio * camera.scale, ratio * camera.x, ratio * camera.y);
  const sight = {
    left: -camera.x / camera.scale,
    top: -camera.y / camera.scale,
    right: (width - camera.x) / camera.scale,
    bottom: (height - camera.y) / camera.scale,
  };
  drawEdges(pen, scene, camera, look, sight);
  drawNodes(pen, scene, camera, look, sight);
}

interface Sight {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function drawEdges(pen: CanvasRenderingContext2D, scene: Scene, camera: Camera, look: CanvasLook, sight: Sight): void {
  const visible = scene.edges.filter(({ points }) => {
    const [start] = points;
    const end = points.at(-1);
    if (!start || !end) return false;
    return (
      Math.min(start.x, end.x) < sight.right &&
      Math.max(start.x, end.x) > sight.left &&
      Math.min(start.y, end.y) < sight.bottom &&
      Math.max(start.y, end.y) > sight.top
    );
  });
  const { lit } = look;
  const isLit = (from: number, to: number) => lit?.has(from) && lit.has(to);
  const trace = (edges: typeof visible) => {
    pen.beginPath();
    for (const { points } of edges) {
      const [start] = points;
      if (!start) continue;
      pen.moveTo(start.x, start.y);
      if (camera.scale < 0.35) for (const point of points.slice(1)) pen.lineTo(point.x, point.y);
      else for (const [, a, b, to] of curve(points)) pen.bezierCurveTo(a.x, a.y, b.x, b.y, to.x, to.y);
    }
    pen.stroke();
  };
  if (visible.length <= LINES || !lit) {
    pen.strokeStyle = look.value('--edge');
    pen.globalAlpha = lit ? 0.15 : Math.min(1, 0.25 + camera.scale);
    pen.lineWidth = Math.max(1, 0.6 / camera.scale);
    trace(visible);
  }
  pen.globalAlpha = 1;
  if (!lit) return;
  pen.strokeStyle = look.value('--accent');
  pen.lineWidth = Math.max(1.25, 1 / camera.scale);
  trace(visible.filter(({ from, to }) => isLit(from, to)));
}

function drawNodes(pen: CanvasRenderingContext2D, scene: Scene, camera: Camera, look: CanvasLook, sight: Sight): void {
  const readable = camera.scale > 0.45;
  const card = look.value('--card');
  const line = look.value('--line');
  const ink = look.value('--ink');
  const soft = look.value('--soft');
  const colours = new Map<string, string>();
  for (const node of scene.nodes) {
    if (
      node.x > sight.right ||
      node.y > sight.bottom ||
      node.x + node.width < sight.left ||
      node.y + node.height < sight.top
    )
      continue;
    let colour = colours.get(node.colour);
    if (colour === undefined) {
      colour = node.colour.startsWith('var(') ? look.value(node.colour.slice(4, -1)) : node.colour;
      colours.set(node.colour, colour);
    }
    pen.globalAlpha = look.lit && !look.lit.has(node.item) ? 0.2 : 1;
    if (readable) {
      pen.fillStyle = card;
      pen.strokeStyle = node.item === look.chosen ? look.value('--accent') : line;
      pen.lineWidth = node.item === look.chosen ? 2 : 1;
      pen.beginPath();
      pen.roundRect(node.x, node.y, node.width, node.height, 7);
      pen.fill();
      pen.stroke();
      pen.fillStyle = colour;
      pen.fillRect(node.x, node.y + 4, 5, node.height - 8);
      pen.fillStyle = ink;
      pen.font = '600 12.5px ui-sans-serif, system-ui, sans-serif';
      pen.fillText(node.title, node.x + 14, node.y + 17, BOX.width - 22);
      pen.fillStyle = soft;
      pen.font = '11px ui-sans-serif, system-ui, sans-serif';
      pen.fillText(node.subtitle, node.x + 14, node.y + 32, BOX.width - 22);
    } else {
      pen.fillStyle = colour;
      pen.fillRect(node.x, node.y, node.width, node.height);
      if (node.item === look.chosen) {
        pen.strokeStyle = ink;
        pen.lineWidth = 3 / camera.scale;
        pen.strokeRect(node.x, node.y, node.width, node.height);
      }
    }
  }
  pen.globalAlpha = 1;
}
