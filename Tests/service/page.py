"""Uses the web page as people do, in headless Chromium on a desktop and on a phone, by mouse, touch and keyboard."""

import base64
import shutil

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

DEVICES = {
    "desktop": {"viewport": {"width": 1280, "height": 900}, "device_scale_factor": 1},
    "phone": {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True},
    "dark": {"viewport": {"width": 1280, "height": 900}, "device_scale_factor": 1, "color_scheme": "dark"},
}
# A busy machine is slow, not broken.
WAIT = 60_000
expect.set_options(timeout=WAIT)


def chromium():
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        raise SystemExit("there is no Chromium; install Debian's package 'chromium'")
    return path


class PageTest:
    """One browser window; collects what must not happen, and takes pictures on the way."""

    def __init__(self, browser, device, server, pictures, screenshots, token=None):
        self.device, self.server, self.pictures, self.screenshots = device, server, pictures, screenshots
        self.token = token
        self.troubles = []
        self.context = browser.new_context(base_url=server.url, locale="en-GB", **DEVICES[device])
        self.page = self.context.new_page()
        self.page.set_default_timeout(WAIT)
        self.page.on("request", self.requested)
        self.page.on("console", self.printed)
        self.page.on("pageerror", lambda error: self.troubles.append(f"script error: {error}"))

    def requested(self, request):
        if not request.url.startswith((self.server.url + "/", "blob:", "data:")):
            self.troubles.append(f"a request left the origin: {request.url}")

    def printed(self, message):
        # The browser reports every answer from 400 on; that of the first call without a token is meant to come.
        isExpected = self.token and "401" in message.text
        if message.type in ("error", "warning") and not isExpected:
            self.troubles.append(f"console {message.type}: {message.text}")

    def expect(self, condition, text):
        if not condition:
            self.troubles.append(text)

    def shoot(self, name):
        self.fits(name)
        if self.screenshots:
            self.page.wait_for_timeout(150)
            self.page.screenshot(path=str(self.screenshots / f"{self.device}-{name}.png"), full_page=True)

    def fits(self, state):
        """Nothing is wider than the window, and the rules of WCAG 2 that a program can check hold."""
        width = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        self.expect(width <= 0, f"{state}: the page is {width} pixels wider than the window")
        # axe sees through transparent inputs poorly and is slow; once per state is enough.
        found = Axe().run(self.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
        for violation in found.response["violations"]:
            places = ", ".join(node["target"][0] if isinstance(node["target"][0], str) else str(node["target"])
                               for node in violation["nodes"][:3])
            self.troubles.append(f"{state}: {violation['id']}: {violation['help']} ({places})")

    # ---- Steps

    def start(self):
        self.page.goto("/")
        expect(self.page.locator("h1")).to_have_text("Semblance")
        self.shoot("1-start")

    def focus_order(self):
        """Tab visits everything that can be used, in reading order, and shows where it is."""
        self.page.evaluate("document.activeElement.blur()")
        seen = []
        for _ in range(12):
            self.page.keyboard.press("Tab")
            place = self.page.evaluate("""() => {
                const e = document.activeElement;
                if (e === document.body) return null;
                const marked = [e, e.closest("label"), e.closest(".compare")].some((x) => x && getComputedStyle(x).outlineStyle !== "none");
                const box = e.getBoundingClientRect();
                return { name: e.id || e.textContent.trim(), marked, seen: box.width > 0 && box.height > 0 };
            }""")
            if place is None or place["name"] in [other["name"] for other in seen]:
                break
            seen.append(place)
        names = [place["name"] for place in seen]
        wanted = ["Skip to content", "tab-unmask", "access", "unmask-drop-input", "API description"]
        self.expect(names == wanted, f"Tab visits {names}, expected {wanted}")
        for place in seen:
            self.expect(place["marked"] and place["seen"], f"the focus on '{place['name']}' cannot be seen")
        # The tabs themselves are moved between by arrow keys.
        self.page.locator("#tab-unmask").focus()
        self.page.keyboard.press("ArrowRight")
        expect(self.page.locator("#tab-verify")).to_be_focused()
        expect(self.page.locator("#panel-verify")).to_be_visible()
        self.page.keyboard.press("ArrowLeft")
        expect(self.page.locator("#panel-unmask")).to_be_visible()

    def give(self, place, path, content):
        """A photo to a place: dropped on it with a mouse, chosen on a phone, which has nothing to drop from."""
        if self.device == "phone":
            self.page.locator(f"#{place}-input").set_input_files(str(path))
            return
        transfer = self.page.evaluate_handle("""([data, name]) => {
            const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], name, { type: "image/png" }));
            return transfer;
        }""", [base64.b64encode(content).decode(), path.name])
        for event in ("dragenter", "dragover", "drop"):
            self.page.dispatch_event(f"#{place} label", event, {"dataTransfer": transfer})

    def unmask(self):
        self.give("unmask-drop", self.pictures.masked_path, self.pictures.masked)
        if self.token:
            # Without a token the server refuses; the page asks for one, and then works.
            expect(self.page.locator("#token-dialog")).to_be_visible()
            expect(self.page.locator("#unmask-status")).to_have_text("This server asks who is calling.")
            self.shoot("2-token")
            self.page.locator("#token").fill(self.token)
            self.page.keyboard.press("Enter")
            expect(self.page.locator("#token-dialog")).to_be_hidden()
            self.give("unmask-drop", self.pictures.masked_path, self.pictures.masked)
        expect(self.page.locator("#unmask-result")).to_be_visible()
        expect(self.page.locator("#unmask-status")).to_have_text("The face wears a mask, which was replaced.")
        expect(self.page.locator("#faces .face")).to_have_count(1)
        facts = self.page.locator("#faces dl").inner_text().split("\n")
        share, similarity = facts[facts.index("Mask covers") + 1], facts[facts.index("Similar to before") + 1]
        self.expect(5 < int(share.removesuffix(" %")) < 60, f"the mask covers {share}")
        self.expect(0.2 < float(similarity) < 0.999, f"the recovered face is {similarity} like the masked one")
        points = self.page.evaluate("[...document.querySelectorAll('#whole polygon')].map((p) => p.points.length)")
        self.expect(len(points) >= 1 and max(points, default=0) > 40, f"the mask's outline has {points} points")
        # Both pictures are there, and differ where the mask was and nowhere else.
        differs = self.page.evaluate("""() => {
            const [a, b] = [...document.querySelectorAll("#whole canvas")].map((c) => c.getContext("2d").getImageData(0, 0, c.width, c.height));
            let count = 0;
            for (let i = 0; i < a.data.length; i += 4) if (a.data[i] !== b.data[i] || a.data[i + 1] !== b.data[i + 1]) count++;
            return { share: count / (a.width * a.height), width: a.width };
        }""")
        self.expect(0.003 < differs["share"] < 0.2, f"{differs['share']:.4f} of the photo changed")
        self.shoot("3-unmasked")
        self.slide()
        self.page.locator("#outline").uncheck()
        expect(self.page.locator("#whole svg")).to_be_hidden()
        self.page.locator("#outline").check()
        expect(self.page.locator("#whole svg")).to_be_visible()
        with self.page.expect_download() as saved:
            self.page.locator("#download").click()
        data = saved.value.path().read_bytes()
        self.expect(data[:4] == b"\x89PNG", "the saved photo is no PNG")

    def slide(self):
        """The slider between before and recovered, moved by keyboard."""
        slider = self.page.locator("#whole input[type=range]")
        slider.focus()

        def cut():
            return self.page.locator("#whole .after").evaluate("(e) => getComputedStyle(e).clipPath")

        places = []
        for key in ("Home", "ArrowRight", "End"):
            self.page.keyboard.press(key)
            places.append((slider.input_value(), cut()))
        values = [value for value, _ in places]
        self.expect(values == ["0", "1", "100"], f"Home, ArrowRight and End moved the slider to {values}")
        self.expect(len({clip for _, clip in places}) == 3, f"the slider does not move the edge: {places}")
        for _ in range(30):
            self.page.keyboard.press("ArrowLeft")
        self.shoot("4-slider")

    def verify(self):
        self.page.locator("#tab-verify").click()
        button = self.page.locator("#verify-form [type=submit]")
        expect(button).to_be_disabled()
        self.give("first-drop", self.pictures.clean_path, self.pictures.clean)
        self.give("second-drop", self.pictures.masked_path, self.pictures.masked)
        expect(button).to_be_enabled()
        self.shoot("5-pair")
        button.click()
        expect(self.page.locator("#verdict")).to_have_text("Probably the same person")
        detail = self.page.locator("#verdict-detail").inner_text()
        self.expect("One photo shows a mask, which was recovered first." in detail, f"the verdict says: {detail}")
        self.expect(detail.startswith("Similarity 0."), f"the verdict says: {detail}")
        self.shoot("6-verdict")

    def search(self, galleries):
        self.page.locator("#tab-search").click()
        if not galleries:
            expect(self.page.locator("#galleries-status")).to_contain_text("No gallery is served")
            expect(self.page.locator("#search-form")).to_be_hidden()
            self.shoot("7-no-gallery")
            return
        expect(self.page.locator("#search-form")).to_be_visible()
        self.page.locator("#kind").select_option("person")
        self.shoot("7-search")
        path = self.pictures.person_paths[0]
        self.give("query-drop", path, path.read_bytes())
        self.page.locator("#search-form [type=submit]").click()
        expect(self.page.locator("#search-status")).to_contain_text("most similar first")
        self.thumbnails()
        values = [float(text) for text in self.page.locator(".hit .top span:last-child").all_inner_texts()]
        self.expect(len(values) > 1 and values == sorted(values, reverse=True), f"the similarities are {values}")
        self.expect(values[:1] == [1.0] or values[0] > 0.99, f"the photo itself is {values[:1]} like itself")
        self.shoot("8-hits")
        # One attribute of the first hit as a condition: it stays, and all that is shown has it.
        self.page.locator("#attributes-box summary").click()
        first = self.page.locator("#attributes select").first
        name, before = first.get_attribute("data-attribute"), len(values)
        counts = []
        for value in first.evaluate("(e) => [...e.options].map((o) => o.value)")[1:]:
            first.select_option(value)
            self.page.locator("#search-form [type=submit]").click()
            self.until("!document.querySelector('#search-status').classList.contains('busy')")
            shown = self.page.locator(".hit .soft").filter(has_text=f"{name}: ").all_inner_texts()
            hits = self.page.locator(".hit").count()
            counts.append(hits)
            self.expect(len(shown) == hits and all(f"{name}: {value}" in text for text in shown),
                        f"a search for {name}={value} shows {shown}")
        self.expect(sum(counts) == before, f"{name} divides {before} results into {counts}")
        self.thumbnails()
        self.shoot("9-filtered")
        self.page.locator("#search-form [type=reset]").click()
        expect(self.page.locator(".hit")).to_have_count(0)

    def until(self, condition, seconds=30):
        """Waits for a condition in JavaScript. Playwright's own waiting evaluates text in the page, which its policy forbids."""
        for _ in range(seconds * 20):
            if self.page.evaluate(condition):
                return
            self.page.wait_for_timeout(50)
        self.expect(False, f"not true after {seconds} s: {condition}")

    def thumbnails(self):
        self.until(
            "[...document.querySelectorAll('.hit img')].every((image) => image.complete && image.naturalWidth > 0)")

    def refusal(self):
        """What is no photo is refused with a reason that a person can read."""
        self.page.locator("#tab-unmask").click()
        self.page.locator("#unmask-drop-input").set_input_files(
            {"name": "note.png", "mimeType": "image/png", "buffer": b"no photo at all"})
        status = self.page.locator("#unmask-status")
        expect(status).to_have_class("status error")
        self.troubles = [line for line in self.troubles if "422" not in line]
        self.expect("JPEG" in status.inner_text(), f"what is no photo is refused by: {status.inner_text()}")
        expect(self.page.locator("#unmask-drop label")).to_contain_text("note.png")
        self.shoot("10-refused")

    def close(self):
        self.context.close()
        return [f"{self.device}: {line}" for line in self.troubles]


def check(server, pictures, screenshots=None, galleries=False, token=None, devices=tuple(DEVICES)):
    """All steps on all devices; returns what was wrong, and how many steps were taken."""
    troubles, steps = [], 0
    with sync_playwright() as playwright:
        # A container has no user namespaces for Chromium's sandbox; it shows nothing but our own page here.
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        for device in devices:
            test = PageTest(browser, device, server, pictures, screenshots, token)
            for step in (test.start, test.focus_order, test.unmask, test.verify, lambda: test.search(galleries), test.refusal):
                steps += 1
                try:
                    step()
                except Exception as error:
                    name = getattr(step, "__name__", "search").replace("<lambda>", "search")
                    test.troubles.append(f"{name}: {str(error).splitlines()[0]} {' '.join(str(error).splitlines()[1:6])}")
                    if screenshots:
                        test.page.screenshot(path=str(screenshots / f"{device}-failed-{name}.png"), full_page=True)
            troubles += test.close()
        browser.close()
    return troubles, steps
