// Calls through the client that was generated from the server's own OpenAPI document. That this file compiles is half of the test.
import { readFileSync } from "node:fs";
import createClient from "openapi-fetch";
import type { components, paths } from "./generated/knowledgepay.js";
import { check, finish } from "./checks.mjs";

const api = createClient<paths>({ baseUrl: process.env.SERVER!, headers: { authorization: `Bearer ${process.env.KEY}` } });
const example = <T>(path: string, method: string): T =>
  JSON.parse(readFileSync("generated/openapi.json", "utf8")).paths[path][method].requestBody.content["application/json"].example as T;
const path = { id: "ts-101" };
const person = { id: "tess" };

// The bodies of the document's own examples are taken as they are.
const course = await api.PUT("/v1/courses/{id}", { params: { path }, body: example<components["schemas"]["CourseBody"]>("/v1/courses/{id}", "put") });
check("putCourse takes its example", [course.response.status, course.data?.id], [201, "ts-101"]);
const many = await api.POST("/v1/courses", { body: example<components["schemas"]["Course"][]>("/v1/courses", "post") });
check("putCourses takes its example", many.data, { accepted: 1, created: 1, replaced: 0 });
const partner = await api.PUT("/v1/partners/{id}", { params: { path: { id: "harbour" } }, body: example<components["schemas"]["PartnerBody"]>("/v1/partners/{id}", "put") });
check("putPartner takes its example", [partner.response.status, partner.data?.id], [201, "harbour"]);
const product = await api.PUT("/v1/partners/{id}/products/{pid}", {
  params: { path: { id: "harbour", pid: "pass" } },
  body: example<components["schemas"]["PartnerProduct"]>("/v1/partners/{id}/products/{pid}", "put"),
});
check("putProduct takes its example", [product.response.status, product.data?.kind], [201, "membership"]);
const consent = await api.PUT("/v1/users/{id}/consent", { params: { path: person }, body: example<components["schemas"]["Consent"]>("/v1/users/{id}/consent", "put") });
check("putConsent takes its example", [consent.response.status, consent.data?.personalPricing], [200, true]);
const made = await api.POST("/v1/keys", { body: example<components["schemas"]["KeyRequest"]>("/v1/keys", "post") });
check("createKey takes its example", [made.response.status, made.data?.role, typeof made.data?.key], [201, "platform", "string"]);

const trending = await api.GET("/v1/trending", { params: { query: { count: 5 } } });
check("trendingCourses answers items", Array.isArray(trending.data?.items), true);
const recommended = await api.GET("/v1/users/{id}/recommendations", {
  params: { path: person, query: { count: 5 }, header: { "Accept-Language": "zh" } },
});
const why = recommended.data?.items.flatMap(item => item.reasons.map(reason => reason.text)) ?? [];
check("recommend gives reasons in Chinese", why.length > 0 && why.every(text => /\p{Script=Han}/u.test(text)), true);

const quote = await api.POST("/v1/decisions/price", { body: { userId: "tess", courseId: "ts-101" } });
check("quotePrice is not above the list price", (quote.data?.price.minorUnits ?? Infinity) <= (quote.data?.listPrice.minorUnits ?? -1), true);
const order = { quoteToken: quote.data?.quoteToken ?? "", paymentId: "pay-ts-1", method: "card" };
const paid = await api.POST("/v1/checkout", { params: { header: { "Idempotency-Key": "ts-1" } }, body: order });
check("checkOut charges the quoted price", paid.data?.charged, quote.data?.price);
const again = await api.POST("/v1/checkout", { params: { header: { "Idempotency-Key": "ts-1" } }, body: order });
check("checkOut with the same key gives the same order", again.data?.orderId, paid.data?.orderId);
const replayed = await api.POST("/v1/checkout", { body: { ...order, paymentId: "pay-ts-2" } });
check("checkOut refuses a quote that is used", [replayed.response.status, replayed.error?.status], [409, 409]);

const credit = await api.POST("/v1/decisions/credit", { body: { userId: "tess", amount: { currency: "CNY", minorUnits: 60000 }, termMonths: 6 } });
check("decideCredit has an outcome", ["approved", "review", "declined"].includes(credit.data?.outcome ?? ""), true);
const offers = await api.POST("/v1/decisions/offers", { body: { userId: "tess", surface: "course-page" } });
check("chooseOffers offers the product", offers.data?.offers.map(offer => offer.productId), ["pass"]);
const record = await api.GET("/v1/decisions/{decisionId}", { params: { path: { decisionId: quote.data?.decisionId ?? "none" } } });
check("getDecision finds the price", record.data?.kind, "price");

const missing = await api.GET("/v1/courses/{id}", { params: { path: { id: "nowhere" } } });
check("a course that is not there is a problem document", [missing.error?.status, missing.error?.type], [404, "not-found"]);
const stranger = createClient<paths>({ baseUrl: process.env.SERVER!, headers: { authorization: "Bearer nobody" } });
const denied = await stranger.GET("/v1/users/{id}", { params: { path: person } });
check("an unknown key is a problem document", [denied.error?.status, denied.error?.type], [401, "unauthenticated"]);

const view = await api.GET("/v1/users/{id}", { params: { path: person } });
check("getUser shows the course that was bought", view.data?.courses.map(owned => owned.courseId), ["ts-101"]);
const erased = await api.DELETE("/v1/users/{id}", { params: { path: person } });
check("eraseUser answers 204", erased.response.status, 204);
finish();
