import { verdictOn, type NameList } from "../name-list.ts";

export interface Mount {
  /** major:minor, the same for every mount of one filesystem. */
  device: string;
  mountPoint: string;
  type: string;
  source: string;
  isMountReadOnly: boolean;
  isSuperReadOnly: boolean;
}

/**
 * /proc/self/mountinfo (proc_pid_mountinfo(5)): `id parent major:minor root mount-point options [optional fields] - type
 * source super-options`. Optional fields are zero or more, and some kernels put two spaces before the dash.
 */
export function parseMountinfo(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split("\n")) {
    const dash = line.indexOf(" - ");
    if (dash === -1) continue;
    const [, , device, , mountPoint, options] = line.slice(0, dash).split(" ");
    const [type, source, superOptions] = line
      .slice(dash + 3)
      .trim()
      .split(" ");
    if (!device || !mountPoint || !type) continue;
    mounts.push({
      device,
      mountPoint: unescaped(mountPoint),
      type,
      source: unescaped(source ?? ""),
      isMountReadOnly: (options ?? "").split(",").includes("ro"),
      isSuperReadOnly: (superOptions ?? "").split(",").includes("ro"),
    });
  }
  return mounts;
}

/** Space, tab, newline and backslash are written as three octal digits. */
function unescaped(text: string): string {
  return text.includes("\\")
    ? text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
    : text;
}

/** Made by the kernel, held in memory, or images that are full by nature. */
const NOT_STORAGE = new Set(
  (
    "autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts devtmpfs efivarfs erofs fusectl hugetlbfs iso9660 " +
    "mqueue nsfs overlay proc procfs pstore ramfs rootfs rpc_pipefs securityfs selinuxfs squashfs sysfs tmpfs tracefs"
  ).split(" "),
);
/** A server that is away blocks statfs for ever. */
const NETWORK = /^(nfs\d?|cifs|smb\d?|smbfs|afs|ceph|glusterfs|lustre|ncpfs|9p|gfs2?|ocfs2|davfs|fuse\..+|fuse)$/;
/** Some fuse types are disks of this machine after all. */
const LOCAL_FUSE = /^fuse\.(ntfs|ntfs-3g|exfat|fuseblk|lxcfs|mergerfs)$/;
const INNER_MOUNT =
  /^\/(dev|proc|sys|run\/credentials\/.+|run\/user\/.+|var\/lib\/docker\/.+|var\/lib\/containers\/storage\/.+|var\/lib\/kubelet\/.+|snap\/.+)($|\/)/;
/** Files that a container runtime mounts from the host's disk. */
const CONTAINER_FILE = /^\/etc\/(hosts|hostname|resolv\.conf)$/;

export interface MountRules {
  filesystems: NameList;
  includeNetworkFilesystems: boolean;
}

/** The filesystems worth watching, each once: a bind mount repeats its device, and the shortest mount point names it. */
export function watchedMounts(mounts: readonly Mount[], rules: MountRules): Mount[] {
  const byDevice = new Map<string, Mount>();
  // A later mount on the same point covers the earlier one.
  const visible = new Map(mounts.map((mount) => [mount.mountPoint, mount]));
  for (const mount of visible.values()) {
    if (!isWatched(mount, rules)) continue;
    const known = byDevice.get(mount.device);
    if (!known || mount.mountPoint.length < known.mountPoint.length) byDevice.set(mount.device, mount);
  }
  return [...byDevice.values()].sort((a, b) => (a.mountPoint < b.mountPoint ? -1 : 1));
}

function isWatched({ mountPoint, type }: Mount, rules: MountRules): boolean {
  const verdict = verdictOn(mountPoint, rules.filesystems);
  if (verdict) return verdict === "take";
  // The root of a container is an overlay, and the only disk it has.
  if (mountPoint === "/" && type === "overlay") return true;
  if (NOT_STORAGE.has(type) || INNER_MOUNT.test(mountPoint) || CONTAINER_FILE.test(mountPoint)) return false;
  return rules.includeNetworkFilesystems || !NETWORK.test(type) || LOCAL_FUSE.test(type);
}

/**
 * Whether nothing can be written: by the mount's own options or the whole filesystem's, as after an error. A service
 * sandbox (systemd's ProtectSystem=strict) shows this program every mount read-only, the root too, while the filesystem
 * beneath is not; then the mount's own options say nothing of the machine.
 */
export function readOnlyOf(mounts: readonly Mount[]): (mount: Mount) => boolean {
  const root = mounts.findLast((mount) => mount.mountPoint === "/");
  const isSandboxed = root !== undefined && root.isMountReadOnly && !root.isSuperReadOnly;
  return (mount) => mount.isSuperReadOnly || (mount.isMountReadOnly && !isSandboxed);
}
