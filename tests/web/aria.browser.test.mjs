// What screen readers are told of the main pages: as it was when a person last looked at it.
import { test } from 'node:test';
import { compareAria } from './support/aria.mjs';
import { lively } from './support/lively.mjs';
import { stageTest } from './support/play.mjs';
import { overlays_of, pages_of } from './support/views.mjs';

const { play } = stageTest();

test('the pages of a stranger', async (t) => {
  const { sit } = play(t);
  const at = await sit(null);
  for (const [name, path] of [['sign in', '/signin'], ['sign up', '/signup']]) {
    await at.go(path);
    await at.isStill();
    await compareAria(name, at.page.locator('body'));
  }
});

const content = ['home', 'chat', 'thread', 'search', 'channels', 'profile'];
const overlays = ['switcher', 'new chat', 'keyboard help', 'chat settings', 'details', 'menu'];

test('the pages of a user', async (t) => {
  const scene = await lively(play(t));
  const at = await scene.sit(scene.alice);
  await at.isStill();
  await compareAria('list of chats', at.page.locator('[data-region=chats]'));
  const pages = pages_of(scene);
  for (const name of content) {
    await pages[name].open(at);
    await compareAria(name, at.page.locator('#content'));
  }
});

test('what opens over and beside the pages', async (t) => {
  const scene = await lively(play(t));
  const at = await scene.sit(scene.alice);
  const views = overlays_of(scene);
  for (const name of overlays) {
    await views[name].open(at);
    const shown = at.page.locator('[role=dialog], [role=menu], [role=complementary], aside');
    await compareAria(name, shown.last());
    await views[name].shut(at);
  }
});
