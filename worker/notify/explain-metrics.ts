/** What a metric usually says when it is out of bounds. In plain words, for people who did not set the machine up. */
export interface Lore {
  meaning: string;
  lookAt: string[];
  /** How soon it hurts: for a warning, and when critical. */
  urgency: readonly [warning: string, critical: string];
}

/** The first whose pattern fits the metric's name is the one. */
export const METRIC_LORE: readonly (readonly [RegExp, Lore])[] = [
  [
    /^cpu_steal_/,
    {
      meaning: "Other machines on the same physical computer take processor time that this one was to have.",
      lookAt: [
        "Whether it began without anything having changed here: then the provider's computer is crowded.",
        "Whether the plan has a small guaranteed share that is used up. A larger plan, or a dedicated processor, does not have this.",
        "Stopping and starting it at the provider often moves it to another computer.",
      ],
      urgency: [
        "It is slower than it should be, but works.",
        "It may be too slow to be of use. Move it or enlarge its plan.",
      ],
    },
  ],
  [
    /^cpu_iowait_|^pressure_io_|^processes_blocked/,
    {
      meaning: "Programs stand still because they wait for the disk.",
      lookAt: [
        "What reads or writes much: run `iotop` there, or look at the chart of disk reads and writes.",
        "Whether a backup, an update or a log that grows fast runs just now.",
        "Whether memory is short: then the machine uses the disk in its place.",
      ],
      urgency: [
        "It answers slowly. It often passes when a backup is done.",
        "Much stands still. Find out today what uses the disk.",
      ],
    },
  ],
  [
    /^cpu_|^pressure_cpu_/,
    {
      meaning: "The processor has little time left: programs have to wait for their turn.",
      lookAt: [
        "Which program uses the most: run `top` there.",
        "Whether more visitors came, a job runs, or a program goes round in circles since its last update.",
        "If it is always so: a larger plan, or the work shared among more machines.",
      ],
      urgency: [
        "It still works, with little in reserve.",
        "It is at its end: answers are slow or do not come. Look now.",
      ],
    },
  ],
  [
    /^load_/,
    {
      meaning: "More work waits to be done than the machine has processors for.",
      lookAt: [
        "Compare the load with the number of processors: up to that number it is fine.",
        "Whether the processor is busy, or programs wait for the disk: the charts tell the two apart.",
        "Which programs are many: run `ps aux --sort=-%cpu | head` there.",
      ],
      urgency: ["Work takes longer than usual.", "Work piles up faster than it is done. Look now."],
    },
  ],
  [
    /^swap_(in|out)_/,
    {
      meaning: "The machine moves memory to the disk and back all the time, because there is too little of it.",
      lookAt: [
        "Which program uses the most memory: run `ps aux --sort=-rss | head` there.",
        "Whether a program grew since its last update, or more of them run than before.",
        "A larger plan helps; more swap space does not.",
      ],
      urgency: ["It is slower than it should be.", "It may become too slow to log in. Free memory now."],
    },
  ],
  [
    /^swap_/,
    {
      meaning:
        "Memory was short, and the space on the disk that stands in for it fills up. When both are full, programs are ended.",
      lookAt: [
        "Which program uses the most memory: run `ps aux --sort=-rss | head` there.",
        "Whether memory itself is full now. If it is not, this is a trace of an earlier shortage and no hurry.",
        "A program that keeps growing: restart it, and look for its next version.",
      ],
      urgency: [
        "No hurry while memory itself has room.",
        "When it is full, the system ends programs. Free memory now.",
      ],
    },
  ],
  [
    /^memory_|^pressure_memory_/,
    {
      meaning:
        "Memory runs short. When it is full, the system ends the program that uses the most, often the database.",
      lookAt: [
        "Which program uses the most: run `ps aux --sort=-rss | head` there.",
        "Whether it grows steadily, which a restart cures for a while, or rose at once.",
        "Whether the system has ended programs already: `dmesg | grep -i 'out of memory'`.",
      ],
      urgency: ["It works, with little in reserve.", "A program may be ended at any moment. Free memory now."],
    },
  ],
  [
    /^filesystem_inodes_/,
    {
      meaning: "The disk has room left, but nearly no places for further files: there are too many small ones.",
      lookAt: [
        "Which folder holds so many: `find / -xdev -printf '%h\\n' | sort | uniq -c | sort -rn | head` there.",
        "Session files, mail queues and caches that nobody clears are the usual cause.",
        "Whether a job that clears them no longer runs.",
      ],
      urgency: [
        "There is time to clear files.",
        "Soon no file can be made any more, although space is free. Clear files now.",
      ],
    },
  ],
  [
    /^filesystem_read_only/,
    {
      meaning: "Nothing can be written there any more. Systems do this by themselves when a disk reports faults.",
      lookAt: [
        "What the system says of the disk: `dmesg | tail -50` there.",
        "Whether there is a fresh backup, before anything else is tried.",
        "Whether the provider reports trouble with its storage.",
      ],
      urgency: [
        "Programs that write fail. Look today.",
        "Programs that write fail, and the disk may be broken. Look now.",
      ],
    },
  ],
  [
    /^filesystem_/,
    {
      meaning: "The disk is nearly full. When it is full, databases stop and nothing can be saved.",
      lookAt: [
        "What takes the room: `du -xh / --max-depth=2 | sort -h | tail -20` there.",
        "Logs, old backups, container images (`docker system df`) and packages that updates left behind.",
        "Whether it grows steadily: the chart shows when it will be full. Most providers enlarge a disk while it runs.",
      ],
      urgency: ["There is time to clear up or to enlarge it.", "Little is left: clear something now, then enlarge it."],
    },
  ],
  [
    /^disk_/,
    {
      meaning: "The disk has much to do: it reads or writes near what it can.",
      lookAt: [
        "Which program reads or writes so much: run `iotop` there.",
        "Whether a backup, a large import or a database without a fitting index is the cause.",
        "Whether the provider limits how much a disk of this plan may do.",
      ],
      urgency: ["Programs wait for it now and then.", "Programs wait for it most of the time. Find out what uses it."],
    },
  ],
  [
    /^network_(errors|drops)_/,
    {
      meaning: "Parts of what is sent or received get lost on the way through the network card.",
      lookAt: [
        "Whether traffic is much higher than usual: then more comes than can be taken.",
        "What the card counts: `ip -s link` there.",
        "Whether the provider reports trouble with its network.",
      ],
      urgency: ["Connections may be slower.", "Connections break or are very slow. Look now."],
    },
  ],
  [
    /^network_/,
    {
      meaning: "Traffic is far from what is usual: much more, or much less.",
      lookAt: [
        "Whether there is a reason: many visitors, a backup, a large copy.",
        "Who is at the other end: `ss -tunp` or `iftop` there. An unknown program that sends much may be an intruder.",
        "What the provider charges for traffic beyond the plan, in the machine's bandwidth panel.",
      ],
      urgency: [
        "Look today whether there is a good reason.",
        "Find out now where it goes: it may cost money, or be an attack.",
      ],
    },
  ],
  [
    /^pressure_irq_/,
    {
      meaning: "The processor spends its time on signals of its devices, mostly the network card.",
      lookAt: [
        "Whether very many small packets come: the chart of packets tells.",
        "Which device it is: `cat /proc/interrupts` there.",
        "Whether somebody floods the machine: its firewall or the provider can stop that.",
      ],
      urgency: ["It still works, slower than usual.", "Programs hardly get a turn. Look now."],
    },
  ],
  [
    /temperature|celsius/,
    {
      meaning:
        "A part of the machine is warmer than it should be. It makes itself slow to cool down, and switches off in the end.",
      lookAt: [
        "Whether fans turn and air can pass.",
        "Whether it works harder than usual: the chart of the processor tells.",
        "Whether it is warm in the room too.",
      ],
      urgency: [
        "It protects itself by becoming slower.",
        "It may switch itself off. Cool it, or take work away from it, now.",
      ],
    },
  ],
  [
    /^processes_/,
    {
      meaning: "The number of running programs is far from what is usual.",
      lookAt: [
        "Which are so many: `ps -e -o comm= | sort | uniq -c | sort -rn | head` there.",
        "Whether a job starts again before its last run has ended.",
        "Whether a service that should run is missing.",
      ],
      urgency: ["It works. Find out what multiplies.", "Soon no further program can start. Look now."],
    },
  ],
  [
    /^uptime_/,
    {
      meaning:
        "How long the machine has been running is not what was expected: it has restarted, or has run for very long.",
      lookAt: [
        "Why it restarted: `last -x | head` and `journalctl -b -1 -e` there.",
        "Whether updates wait for a restart.",
        "Whether all services came back.",
      ],
      urgency: ["See when there is time.", "Look whether everything runs again."],
    },
  ],
  [
    /^health_status_code/,
    {
      meaning: "The service on this machine answers with another status than it should: something in it does not work.",
      lookAt: [
        "The service's own log: 500 and above is its fault, 400 and above the question's.",
        "Whether what it needs runs: its database, its disk, another service.",
        "What was changed last.",
      ],
      urgency: ["A part of it does not work.", "It does not work. Look now."],
    },
  ],
  [
    /^health_up/,
    {
      meaning: "The service on this machine says of itself that it is not well, or does not answer its own machine.",
      lookAt: [
        "Whether it runs: `systemctl status` with its name there.",
        "Its last lines: `journalctl -e -u` with its name.",
        "What it needs: its database, room on the disk, another service.",
      ],
      urgency: ["A part of it does not work.", "It does not work. Look now."],
    },
  ],
  [
    /^(check_response|probe_response|health_response)_/,
    {
      meaning: "The service answers, but takes longer than it should. Visitors notice.",
      lookAt: [
        "Whether it is slow from everywhere, or from one region: then it is the way there.",
        "Whether the machine is busy: its processor, its memory and its disk at that time.",
        "Slow questions to a database, and what was changed last.",
      ],
      urgency: ["Visitors wait, but are served.", "Many visitors give up. Look now."],
    },
  ],
  [
    /^certificate_/,
    {
      meaning: "The certificate of an address soon ends. From then on browsers refuse to open it.",
      lookAt: [
        "Whether it is renewed by itself: `certbot renew --dry-run` or the log of your web server tells why it was not.",
        "Whether port 80 can be reached and the name points to the right machine: renewal needs both.",
        "Whether it was renewed and the web server only has to load it: `systemctl reload` with its name.",
      ],
      urgency: ["There are days left: renew it this week.", "Very little is left: renew it today."],
    },
  ],
  [
    /^(check_up|probe_up|check_degraded)/,
    {
      meaning: "The address does not answer as it should when it is looked at from outside.",
      lookAt: [
        "Open it yourself, from another network too.",
        "Whether it fails from all regions or from some: some means the way there, all means the service.",
        "Whether the machine behind it is well, and what was changed last.",
      ],
      urgency: ["Some visitors are affected.", "Visitors cannot use it. Look now."],
    },
  ],
  [
    /^agent_samples_/,
    {
      meaning:
        "The agent cannot hand over what it measures, and keeps it on its disk meanwhile. When its room is full, the oldest is lost.",
      lookAt: [
        "Whether the machine can reach this Nephos: `journalctl -u nephos-agent -e` there.",
        "Whether Nephos is short of its daily quota: Operations shows it.",
        "Whether a firewall or a proxy on the way was changed.",
      ],
      urgency: ["Charts come late; nothing is lost yet.", "History may be lost. Restore the connection today."],
    },
  ],
  [
    /^agent_/,
    {
      meaning: "The agent itself uses more than it should, or cannot read a part of the machine.",
      lookAt: [
        "What it says: `journalctl -u nephos-agent -e` there.",
        "Whether it is the newest version.",
        "Restart it: `systemctl restart nephos-agent`. It loses nothing by that.",
      ],
      urgency: ["The machine's own work is not affected.", "Some charts have gaps until it is repaired."],
    },
  ],
];
