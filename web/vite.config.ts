import adapter from "@sveltejs/adapter-static";
import { sveltekit } from "@sveltejs/kit/vite";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

const edge = "http://127.0.0.1:8787";
const TURNSTILE = "https://challenges.cloudflare.com";

export default defineConfig({
  plugins: [
    tailwindcss(),
    sveltekit({
      adapter: adapter({ pages: "build", assets: "build", fallback: "index.html" }),
      // It is put into a browser when somebody wants notifications there (lib/push), not into everyone's.
      serviceWorker: { register: false },
      csp: {
        mode: "hash",
        directives: {
          "default-src": ["none"],
          // Turnstile, which the sign-in page loads where it is set up: a program and the frame it works in.
          "script-src": ["self", TURNSTILE],
          "frame-src": [TURNSTILE],
          // The hash is the one inline style of the router's announcer of page titles.
          "style-src": ["self", "unsafe-hashes", "sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo="],
          "img-src": ["self", "data:"],
          "font-src": ["self"],
          "connect-src": ["self"],
          "manifest-src": ["self"],
          // Where a browser does not take script-src for it.
          "worker-src": ["self"],
          "base-uri": ["none"],
          "form-action": ["self"],
        },
      },
    }),
  ],
  // size.ts reads it to know which files the first page loads.
  build: { manifest: true },
  server: {
    fs: { allow: ["../contract"] },
    proxy: {
      "/api": edge,
      "/agent": { target: edge, ws: true },
      "/live": { target: edge, ws: true },
      "/ingest": edge,
      "/install.sh": edge,
    },
  },
});
