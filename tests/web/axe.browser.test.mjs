// All pages and dialogs over real data, in every theme and width: axe finds nothing, nothing is
// wider than the window, and a person may look at the pictures.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lively } from './support/lively.mjs';
import { themes, widths } from './support/looks.mjs';
import { stageTest } from './support/play.mjs';
import { outer_views, overlays_of, pages_of } from './support/views.mjs';

const { play } = stageTest();

// What is wrong with what is shown, in each theme.
async function findingsOf(at, name, width) {
  const findings = [];
  for (const [theme, media] of Object.entries(themes)) {
    await at.page.emulateMedia(media);
    await at.isStill();
    await at.picture(`${name}-${theme}-${width}`);
    findings.push(...(await at.axe()).map((one) => `${name}, ${theme}: ${one}`));
  }
  const over = await at.overWidth();
  if (over > 0) findings.push(`${name}: ${over} px too wide`);
  return findings;
}

async function look(at, views, width) {
  const findings = [];
  for (const [name, view] of Object.entries(views)) {
    await view.open(at);
    findings.push(...(await findingsOf(at, name, width)));
    await view.shut(at);
  }
  assert.deepEqual(findings, []);
}

for (const [width, viewport] of Object.entries(widths)) {
  test(`the pages of a stranger, ${width}`, async (t) => {
    const { sit } = play(t);
    const at = await sit(null, { viewport });
    at.seat.forgive(/404 .*\/api\/invitations\//);
    const findings = [];
    for (const [name, path] of Object.entries(outer_views)) {
      await at.go(path);
      await at.isStill();
      findings.push(...(await findingsOf(at, name, width)));
    }
    assert.deepEqual(findings, []);
  });

  test(`the pages of a user, ${width}`, async (t) => {
    const scene = await lively(play(t));
    await look(await scene.sit(scene.alice, { viewport }), pages_of(scene), width);
  });

  test(`what opens over and beside the pages, ${width}`, async (t) => {
    const scene = await lively(play(t));
    await look(await scene.sit(scene.alice, { viewport }), overlays_of(scene), width);
  });
}
