// Everything of the client that can be looked at: its pages, and what opens over and beside them.
// Each view is brought about as a person does it; `shut` takes away what has opened.

const in_menu = (at, name) => at.page.getByRole('menuitem', { name }).click();
const button = (at, name) => at.page.getByRole('button', { name }).first();
const dialog = (at) => at.page.locator('[role=dialog], [role=alertdialog]').last();

// Without loading the page, wherever that is possible.
async function to(at, path) {
  await at.follow(path);
  await at.page.waitForURL((url) => url.pathname + url.search === path);
  await at.isStill();
}

const page = (path) => ({ open: (at) => to(at, path), shut: async () => {} });

// What covers the page is closed by Escape.
function over(path, open) {
  return {
    open: async (at) => {
      await to(at, path);
      await open(at);
      await dialog(at).waitFor();
      await at.isStill();
    },
    shut: async (at) => {
      await at.page.keyboard.press('Escape');
      await dialog(at).waitFor({ state: 'detached' });
    },
  };
}

async function chatMenu(at, name) {
  await at.composer.waitFor();
  await button(at, 'Chat menu').click();
  await in_menu(at, name);
}

// Of the row of a message: its buttons are there while it has the focus.
async function moreOf(at, text, name) {
  await at.rows(text).first().focus();
  await at.rows(text).first().getByRole('button', { name: 'More actions' }).click();
  await in_menu(at, name);
}

// A pane beside a chat stays open until it is closed.
function beside(chat, name) {
  const pane = (at) => at.page.getByRole('complementary', { name });
  return {
    open: async (at) => {
      await to(at, `/chat/${chat}`);
      await chatMenu(at, name);
      await pane(at).waitFor();
      await at.isStill();
    },
    shut: async (at) => {
      await pane(at).getByRole('button', { name: /^Close/ }).click();
      await pane(at).waitFor({ state: 'detached' });
    },
  };
}

// For a person without an account.
export const outer_views = {
  'sign in': '/signin', 'sign up': '/signup', invitation: '/invitation/none',
};

export function pages_of({ chat, root }) {
  return {
    home: page('/'), chat: page(`/chat/${chat}`), thread: page(`/chat/${chat}/thread/${root.id}`),
    search: page('/search?q=plain'), channels: page('/channels'), mentions: page('/mentions'),
    threads: page('/threads'), saved: page('/saved'), profile: page('/settings/profile'),
    appearance: page('/settings/appearance'), notifications: page('/settings/notifications'),
    account: page('/settings/account'),
  };
}

export function overlays_of({ chat }) {
  const here = `/chat/${chat}`;
  return {
    details: beside(chat, 'Details'),
    pins: beside(chat, 'Pinned messages'),
    switcher: over(here, (at) => at.page.keyboard.press('Control+k')),
    'keyboard help': over(here, (at) => at.page.keyboard.press('Control+/')),
    'new chat': over('/', (at) => button(at, 'New chat').click()),
    invite: over('/', async (at) => {
      await button(at, 'Workspace menu').click();
      await in_menu(at, 'Invite people');
    }),
    'a profile': over(here, (at) => button(at, 'Profile of Bob').click()),
    'chat settings': over(here, (at) => chatMenu(at, 'Chat settings')),
    'seen by': over(here, (at) => moreOf(at, 'now right', 'Seen by')),
    'a question': over(here, (at) => moreOf(at, 'now right', 'Delete')),
    history: over(here, (at) => button(at, '(edited)').click()),
    emoji: over(here, (at) => button(at, 'Emoji').click()),
    picture: over(here, (at) => button(at, /^Open picture/).click()),
    menu: {
      open: async (at) => {
        await to(at, here);
        await button(at, 'Chat menu').click();
        await at.page.getByRole('menu').waitFor();
        await at.isStill();
      },
      shut: async (at) => {
        await at.page.keyboard.press('Escape');
        await at.page.getByRole('menu').waitFor({ state: 'detached' });
      },
    },
  };
}
