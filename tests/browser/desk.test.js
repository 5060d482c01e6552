// The desk page as people use it: a visit of the bot, seen from both windows, on every kind of screen.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { barriers, openDesk, overflow, photograph, startBrowser, startDemo } from "./bench.js";

const QUESTION = "Hey! Where is my PIZZA?";
const WHISPER = "Pizza is on the way!";

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** A visit from the first word until the bot has left. */
async function visit(desk) {
  await desk.say.fill(QUESTION);
  await desk.say.press("Enter");
  await desk.tale.getByText(/joined, whispered and left within/).waitFor();
}

/** The line's calls, deliveries left out: action, time of day, time after the message, status. */
async function calls(desk) {
  return desk.line.locator("li.step:not(.delivery)").evaluateAll((steps) =>
    steps.map((step) => ({
      action: step.querySelector("code").textContent,
      time: step.querySelector("time").textContent,
      after: step.querySelector(".after").textContent,
      status: step.querySelector(".answer").textContent,
    })),
  );
}

test("a customer asks for pizza and only the agents see the bot come, whisper and go", async () => {
  const desk = await openDesk(browser, demo);
  await visit(desk);
  await desk.agents.getByText(WHISPER).waitFor();
  const seen = await desk.agents.innerText();
  assert.match(seen, /You \(customer\)/);
  assert.match(seen, /Whisper: only agents see this/);
  assert.match(seen, /Pizza Bot joined the chat[^]*Pizza is on the way![^]*Pizza Bot left the chat/);
  const own = await desk.customer.innerText();
  assert.match(own, /Where is my PIZZA\?/);
  assert.match(own, /\d\d:\d\d:\d\d/);
  assert.doesNotMatch(own, /way!|Bot/);
  const people = await desk.people.getByRole("listitem").allInnerTexts();
  const person = (name) => people.find((text) => text.includes(name));
  assert.match(person("You (customer)"), /in the chat/);
  assert.match(person("Agnes"), /in the chat/);
  assert.match(person("Pizza Bot"), /has left, was unseen by the customer/);
  await desk.end();
});

test("the line tells the bot's calls in order, with times and answers", async () => {
  const desk = await openDesk(browser, demo);
  await visit(desk);
  const told = await calls(desk);
  const actions = told.map(({ action }) => action).filter((action) => !/^(get|list)_/.test(action));
  assert.deepEqual(actions, ["add_user_to_chat", "send_event", "remove_user_from_chat"]);
  for (const call of told) {
    assert.match(call.time, /^\d\d:\d\d:\d\d\.\d{3}$/);
    assert.match(call.after, /^\+[\d.]+ (ms|s)$/);
    assert.match(call.status, /^2\d\d$/);
  }
  await desk.line.locator("li.delivery", { hasText: "incoming_chat" }).getByText("200").waitFor();
  await photograph(desk.page, "visit-1440-light");
  await desk.end();
});

test("a message without a keyword is met with silence", async () => {
  const desk = await openDesk(browser, demo);
  await desk.say.fill("Good morning");
  await desk.say.press("Enter");
  // The bot has answered the webhook, and what it does is decided by then: a later visit would be seen first.
  await desk.line.locator("li.delivery", { hasText: "incoming_chat" }).getByText("200").waitFor();
  await desk.say.fill(QUESTION);
  await desk.say.press("Enter");
  await desk.tale.getByText(/left within/).waitFor();
  assert.equal(await desk.agents.getByText(WHISPER).count(), 1);
  const stories = await desk.line.locator("li").evaluateAll((items) =>
    items.map((item) => (item.matches(".heading") ? item.querySelector("q").textContent : item.className)),
  );
  const silent = stories.slice(stories.indexOf("Good morning") + 1, stories.indexOf(QUESTION));
  assert.ok(silent.length > 0 && silent.every((name) => name.includes("delivery")), silent.join());
  await desk.end();
});

test("the suggestion asks with one click, and the focus goes on to the text box", async () => {
  const desk = await openDesk(browser, demo);
  await desk.live.getByText("Live").waitFor();
  await photograph(desk.page, "empty-1440-light");
  await desk.page.getByRole("button", { name: QUESTION }).click();
  await desk.agents.getByText(WHISPER).waitFor();
  assert.equal(await desk.page.evaluate(() => document.activeElement.id), "say");
  await desk.end();
});

test("the agent answers, and whispers, and the customer sees the answer only", async () => {
  const desk = await openDesk(browser, demo);
  await desk.answer.fill("too early");
  await desk.answer.press("Enter");
  await desk.page.getByText("The customer writes first").waitFor();
  assert.equal(await desk.answer.inputValue(), "too early");
  assert.equal(desk.complaints.splice(0).length, 1, "the browser notes the refusal itself");
  await desk.say.fill("Hello");
  await desk.say.press("Enter");
  await desk.agents.getByText("Hello").waitFor();
  await desk.page.getByRole("checkbox", { name: /Whisper/ }).check();
  await desk.answer.fill("who takes this one?");
  await desk.answer.press("Enter");
  await desk.agents.getByText("who takes this one?").waitFor();
  await desk.page.getByRole("checkbox", { name: /Whisper/ }).uncheck();
  await desk.answer.fill("Good day, how can I help?");
  await desk.answer.press("Enter");
  await desk.customer.getByText("Good day, how can I help?").waitFor();
  assert.equal(await desk.customer.getByText("who takes this one?").count(), 0);
  await desk.end();
});

test("everything can be done with the keyboard alone", async () => {
  const desk = await openDesk(browser, demo);
  const { keyboard } = desk.page;
  await desk.live.getByText("Live").waitFor();
  await keyboard.press("Tab");
  await keyboard.press("Enter");
  await keyboard.type("Hello");
  await keyboard.press("Shift+Enter");
  await keyboard.type("is the pizza near?");
  await keyboard.press("Enter");
  await desk.tale.getByText(/left within/).waitFor();
  const stops = [];
  for (let step = 0; step < 12; step += 1) {
    await keyboard.press("Tab");
    const stop = await desk.page.evaluate(() => {
      const { id, textContent, ariaLabel, type } = document.activeElement;
      const { outlineStyle } = getComputedStyle(document.activeElement);
      if (document.activeElement === document.body) return null;
      return { name: ariaLabel ?? (id || textContent.trim() || type), seen: outlineStyle !== "none" };
    });
    // Between the last stop and the first one the browser's own window has its turn.
    if (stop !== null) stops.push(stop);
  }
  assert.ok(stops.every(({ seen }) => seen), `every stop shows the focus: ${JSON.stringify(stops)}`);
  const names = stops.map(({ name }) => name);
  for (const name of ["What the agents see", "checkbox", "answer", "Call by call"]) {
    assert.ok(names.includes(name), `${name} in ${names}`);
  }
  await desk.page.getByRole("button", { name: "Close chat" }).focus();
  await keyboard.press("Enter");
  await desk.customer.getByText("archived the chat").waitFor();
  await desk.page.getByText("The chat is closed; writing opens it again").waitFor();
  await desk.say.focus();
  await keyboard.type("One more thing");
  await keyboard.press("Enter");
  await desk.customer.getByText("The chat is opened again").waitFor();
  const before = desk.page.url();
  await desk.page.getByRole("button", { name: "New chat" }).focus();
  await keyboard.press("Enter");
  await desk.page.getByText("No chat yet").waitFor();
  assert.notEqual(desk.page.url(), before);
  await desk.end();
});

test("markup that a customer writes is text in both windows and on the line", async () => {
  const desk = await openDesk(browser, demo);
  const markup = "<script>alert(1)</script><img src=x onerror=alert(2)> pizza & 'more'";
  await desk.say.fill(markup);
  await desk.say.press("Enter");
  await desk.tale.getByText(/left within/).waitFor();
  for (const part of [desk.customer, desk.agents, desk.line]) {
    await part.getByText(markup).waitFor();
    assert.equal(await part.locator("script, img").count(), 0);
  }
  await desk.end();
});

test("a message over 16 KB is refused kindly and is still there", async () => {
  const desk = await openDesk(browser, demo);
  const long = "ä".repeat(9_000);
  await desk.say.fill(long);
  await desk.say.press("Enter");
  await desk.page.getByText("LiveChat takes messages of up to 16 KB").waitFor();
  assert.equal(await desk.say.inputValue(), long);
  assert.equal(desk.complaints.splice(0).length, 1, "the browser notes the refusal itself");
  await desk.end();
});

test("nothing keeps anybody out: axe finds no violation, empty and after a visit, light and dark", async () => {
  for (const colorScheme of ["light", "dark"]) {
    // The policy of the page would keep axe itself out.
    const desk = await openDesk(browser, demo, { colorScheme, bypassCSP: true });
    await desk.live.getByText("Live").waitFor();
    assert.deepEqual(await barriers(desk.page), [], `${colorScheme}, empty`);
    await visit(desk);
    assert.deepEqual(await barriers(desk.page), [], `${colorScheme}, after a visit`);
    await desk.end();
  }
});

test("no page is wider than its screen, from a phone to a wall", async () => {
  for (const width of [320, 360, 768, 1024, 1440, 2560]) {
    const desk = await openDesk(browser, demo, { viewport: { width, height: width < 700 ? 780 : 900 } });
    await desk.live.getByText("Live").waitFor();
    assert.ok((await overflow(desk.page)) <= 0, `${width} px, empty`);
    if (width === 360) await photograph(desk.page, "empty-360-light");
    await desk.say.fill(`${QUESTION} ${"long".repeat(60)}`);
    await desk.say.press("Enter");
    await desk.tale.getByText(/left within/).waitFor();
    assert.ok((await overflow(desk.page)) <= 0, `${width} px, after a visit`);
    await desk.end();
  }
});

test("pictures: a talk, the dark, a phone", async () => {
  const talk = await openDesk(browser, demo);
  await visit(talk);
  await talk.answer.fill("It left the oven two minutes ago. Enjoy!");
  await talk.page.getByRole("button", { name: "Send as the agent" }).click();
  await talk.customer.getByText("two minutes ago").waitFor();
  await talk.line.locator("li.delivery", { hasText: "incoming_event" }).getByText("200").waitFor();
  await photograph(talk.page, "talk-1440-light");
  await talk.end();
  const dark = await openDesk(browser, demo, { colorScheme: "dark" });
  await visit(dark);
  const ground = await dark.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const [red] = ground.match(/\d+/g).map(Number);
  assert.ok(red < 64, `a dark ground, not ${ground}`);
  await photograph(dark.page, "visit-1440-dark");
  await dark.end();
  for (const colorScheme of ["light", "dark"]) {
    const phone = await openDesk(browser, demo, { colorScheme, viewport: { width: 360, height: 1900 } });
    await visit(phone);
    await photograph(phone.page, `visit-360-${colorScheme}`);
    await phone.end();
  }
});

test("without JavaScript the page reads and sends", async () => {
  const desk = await openDesk(browser, demo, { javaScriptEnabled: false });
  await desk.say.fill(QUESTION);
  await desk.page.getByRole("button", { name: "Send as the customer" }).click();
  await desk.customer.getByText(QUESTION).waitFor();
  // Each look is a new page; the bot needs some milliseconds.
  const again = desk.page.getByRole("link", { name: "Look again" });
  while ((await desk.agents.getByText(WHISPER).count()) === 0) await again.click();
  await desk.end();
});

// From here on there is no bot: a reset forgets it, as it forgets everything.
test("a reset of the sandbox brings open pages to a new customer", async () => {
  const desk = await openDesk(browser, demo);
  await visit(desk);
  const before = desk.page.url();
  const answer = await fetch(new URL("/sandbox/reset", demo.api_url), { method: "POST" });
  assert.equal(answer.status, 200);
  await desk.page.waitForURL((url) => url.href !== before);
  await desk.page.getByText("No chat yet").waitFor();
  await desk.end();
});

test("a page outlives its sandbox: it says so, and begins anew with the next one", async () => {
  const desk = await openDesk(browser, demo);
  await desk.say.fill("Hello");
  await desk.say.press("Enter");
  await desk.agents.getByText("Hello").waitFor();
  assert.equal(await demo.stop(), 0, "open pages do not keep the demo from ending");
  await desk.page.getByText("Not connected").waitFor();
  await desk.say.fill("Hello?");
  await desk.say.press("Enter");
  await desk.page.getByText("Not sent: the sandbox does not answer").waitFor();
  assert.equal(await desk.say.inputValue(), "Hello?");
  demo = await startDemo(new URL(demo.desk_url).port);
  await desk.page.getByText("No chat yet").waitFor();
  await desk.live.getByText("Live", { exact: true }).waitFor();
  desk.complaints.splice(0);
  await desk.end();
});
