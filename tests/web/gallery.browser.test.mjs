// The components in all of their states and the pages over fixed data, in every theme and width:
// axe finds nothing, nothing is wider than the window, and a person may look at the pictures.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { themes, widths } from './support/looks.mjs';
import { stageTest } from './support/play.mjs';

const { play } = stageTest();

const pages = {
  components: '/components', 'components of sign in': '/components/signin',
  'components of a chat': '/components/chat/1', 'components of settings': '/components/settings/profile',
};

for (const [theme, media] of Object.entries(themes)) {
  for (const [width, viewport] of Object.entries(widths)) {
    test(`the components in the ${theme} theme, ${width}`, async (t) => {
      const { sit } = play(t);
      const at = await sit(null, { viewport, ...media });
      const findings = [];
      for (const [name, path] of Object.entries(pages)) {
        await at.go(path);
        await at.isStill({ samples: path === '/components' });
        await at.picture(`${name}-${theme}-${width}`);
        const over = await at.overWidth();
        if (over > 0) findings.push(`${name}: ${over} px too wide`);
        findings.push(...(await at.axe()).map((one) => `${name}: ${one}`));
      }
      assert.deepEqual(findings, []);
    });
  }
}
