import { describe, expect, it } from "vitest";
import { EVERY_NAME, parseNameList } from "../name-list.ts";
import { fixture, type Host } from "./fixture-for-tests.ts";
import { parseMountinfo, readOnlyOf, watchedMounts } from "./mountinfo.ts";

const mountsOf = (host: Host) => parseMountinfo(fixture(host).need("/proc/self/mountinfo"));
const rules = { filesystems: EVERY_NAME, includeNetworkFilesystems: false };
const pointsOf = (host: Host, changed: Partial<typeof rules> = {}) =>
  watchedMounts(mountsOf(host), { ...rules, ...changed }).map((mount) => mount.mountPoint);

describe("mounts", () => {
  it("are read with octal escapes, with and without optional fields, and with two spaces before the dash", () => {
    const mounts = mountsOf("raid-and-bond");
    expect(mounts.map((mount) => mount.mountPoint)).toContain("/srv/my data\\x");
    expect(mounts.find((mount) => mount.mountPoint === "/boot")).toMatchObject({ type: "ext4", device: "8:1" });
    expect(mountsOf("linux-3.10")).toHaveLength(1);
  });

  it("count once per filesystem, under the shortest name, and leave out what is no storage of this machine", () => {
    expect(pointsOf("raid-and-bond")).toEqual(["/", "/boot", "/srv/my data\\x", "/tank", "/tank/home"]);
    expect(pointsOf("debian-vm")).toEqual(["/"]);
  });

  it("of a container are its root and its data, not the single files its runtime puts in", () => {
    expect(pointsOf("lxc-container")).toEqual(["/", "/srv/data"]);
  });

  it("over the network are taken only when asked for", () => {
    expect(pointsOf("raid-and-bond", { includeNetworkFilesystems: true })).toEqual(
      expect.arrayContaining(["/mnt/share", "/mnt/photos"]),
    );
  });

  it("are taken or left as the operator says", () => {
    expect(pointsOf("raid-and-bond", { filesystems: parseNameList("-/boot") })).not.toContain("/boot");
    expect(pointsOf("raid-and-bond", { filesystems: parseNameList("/dev/shm") })).toEqual(["/dev/shm"]);
  });

  it("are read-only by their own options or by the filesystem's", () => {
    const mounts = mountsOf("raid-and-bond");
    const isReadOnly = readOnlyOf(mounts);
    const verdicts = Object.fromEntries(mounts.map((mount) => [mount.mountPoint, isReadOnly(mount)]));
    expect(verdicts).toMatchObject({ "/": false, "/boot": true, "/srv/my data\\x": true, "/tank": false });
  });

  it("are not read-only only because a service sandbox shows every one so", () => {
    const sandboxed = mountsOf("raid-and-bond").map((mount) => ({ ...mount, isMountReadOnly: true }));
    const isReadOnly = readOnlyOf(sandboxed);
    expect(sandboxed.filter(isReadOnly).map((mount) => mount.mountPoint)).toEqual([
      "/srv/my data\\x",
      "/srv/a-longer-bind-mount",
      "/snap/core/1",
    ]);
  });
});
