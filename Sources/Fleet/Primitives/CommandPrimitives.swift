import PrimitiveKit
import Site
import Synchronization

extension Fleet {
  /// Commands and files on hosts.
  var commandPrimitives: [Primitive] {
    [
      Primitive(
        "fleet.query",
        "Runs a read-only command on every selected host at once, and groups identical answers.",
        effect: .reads,
        Parameter<HostSelector>("on", "Which hosts"),
        Parameter<HostCommand>("cmd", "A line for sh, or a list of words that opsh quotes"),
        Parameter<ByteText>("input", default: "", "Standard input"),
        Parameter<Duration>("timeout", default: .seconds(30), "How long to wait for each host"),
        Parameter<Bool>("check", default: false, "Raise an error when it fails on a host"),
        returns: "One record per host",
        examples: [
          Example(#"fleet.query("*", "uptime -p")"#, "the uptime of every host"),
          Example(#"fleet.query<on="web001", cmd={ "printf", "%s\n", "two words" }>"#, "opsh quotes the words"),
        ],
        topics: ["ssh", "run", "shell", "uptime"]
      ) { on, cmd, input, timeout, check async throws(CallFailure) in
        try await self.answer(
          CommandCall(
            primitive: "fleet.query",
            selector: on.text,
            command: cmd,
            input: .bytes(input.bytes),
            timeout: timeout,
            effect: .reads,
            check: check ? true : nil,
            dry: false
          )
        )
      },

      Primitive(
        "fleet.exec",
        "Runs a command that may change something, on every selected host at once.",
        effect: .changes,
        Parameter<HostSelector>("on", "Which hosts"),
        Parameter<HostCommand>("cmd", "A line for sh, or a list of words that opsh quotes"),
        Parameter<PrivateText>("input", default: "", "Standard input; neither plan nor journal holds it"),
        Parameter<Duration>("timeout", default: .seconds(60), "How long to wait for each host"),
        Parameter<Bool>(
          "safe",
          default: false,
          "The command only reads: run it in dry runs and checks too, and record nothing"
        ),
        Parameter<Bool?>("check", default: nil, Fleet.checkHelp),
        Parameter<Bool>("dry_run", default: false, "Show what would run; run nothing"),
        Parameter<CommandVariables>(
          "env",
          default: CommandVariables(),
          "Variables for it, texts or secrets; no command line shows them and no host keeps them"
        ).whole,
        returns: "One record per host",
        examples: [
          Example(#"fleet.exec<on="web001", cmd="touch ready">"#, "a shell line"),
          Example(
            #"fleet.exec{ on = "web[001-002]", cmd = { "rm", "-f", "ready" }, timeout = 10 }"#,
            "a list of words and a timeout"
          ),
          Example(
            #"fleet.exec{ on = "web001", cmd = "env | grep -c TZ", env = { TZ = "UTC" } }"#,
            "a variable; a secret is given as `secret \"NAME\"`"
          ),
        ],
        topics: ["ssh", "run", "shell"]
      ) { on, cmd, input, timeout, safe, check, dry, env async throws(CallFailure) in
        try await self.answer(
          CommandCall(
            primitive: "fleet.exec",
            selector: on.text,
            command: cmd,
            input: input,
            variables: env,
            timeout: timeout,
            effect: safe ? .reads : .changes,
            check: check,
            dry: dry
          )
        )
      }.reading(when: "safe"),

      Primitive(
        "fleet.show",
        "Shows collected command reports, with identical answers grouped.",
        effect: .reads,
        Parameter<[CommandReport]>("reports", "What `fleet.query` or `fleet.exec` answered"),
        returns: "The reports",
        examples: [Example(#"fleet.show(fleet.query("*", "uptime -p"))"#, "shows them again")],
        topics: ["output", "fold", "group"]
      ) { reports async throws(CallFailure) in
        self.show(reports)
        self.dialogue.shown(reports.value)
        return reports
      },

      Primitive(
        "fleet.put",
        "Writes a file to every selected host atomically; an existing file keeps its mode and owner.",
        effect: .changes,
        Parameter<HostSelector>("on", "Which hosts"),
        Parameter<HostPath>("path", "Destination; relative paths start at the login directory"),
        Parameter<PrivateText>("content", "The content: a text, or a secret, which plan and journal hold by name"),
        Parameter<FileMode?>(
          "mode",
          default: nil,
          "Permission bits, for example \"0600\"; default: those of the existing file, else 0644, of a secret 0600"
        ),
        Parameter<Bool?>("check", default: nil, Fleet.checkHelp),
        Parameter<Bool>("dry_run", default: false, "Show what would be written; write nothing"),
        returns: "One record per host",
        examples: [Example(#"fleet.put<on="web001", path="motd", content="hello\n", mode="0600">"#, "a small file")],
        topics: ["copy", "upload", "sftp", "scp"]
      ) { on, path, content, mode, check, dry async throws(CallFailure) in
        try await self.put(on, path: path, content: content, mode: mode, check: check, dry: dry)
      },
    ]
  }

  /// Of the option that every call has which may fail on some hosts.
  static var checkHelp: String {
    "Raise an error when it fails on a host; default: true in runbooks, false at the prompt and in scripts"
  }

  private func put(
    _ on: HostSelector,
    path: HostPath,
    content: PrivateText,
    mode: FileMode?,
    check: Bool?,
    dry: Bool
  ) async throws(CallFailure) -> [PutReport] {
    let site = try requireSite(for: "fleet.put")
    let hosts = try selectHosts(on, in: site)
    // What only its owner may read is compared by keyed digests, and read by nobody in the journal.
    let isOpen = mode.map { $0.bits & 0o077 != 0 } ?? true
    let sealed = try await content.sealed(in: world, isOpen: isOpen)
    var arguments: [String: Value] = ["on": on.value, "path": path.value, "mode": mode.value]
    if let secret = sealed.secret {
      arguments["content"] = secret.secret.value
    } else {
      arguments[isOpen ? "sha256" : "digest"] = sealed.contentDigest.value
    }
    return try await inRun(of: "fleet.put", arguments, hosts: hosts, dry: dry) { run throws(CallFailure) in
      if sealed.secret != nil || !isOpen { try await run.keepDigestKey() }
      return try await self.put(path, sealed, mode, on: hosts, check: check, run: run)
    }
  }

  private func put(
    _ path: HostPath,
    _ content: SealedText,
    _ mode: FileMode?,
    on hosts: [Host],
    check: Bool?,
    run: Run
  ) async throws(CallFailure) -> [PutReport] {
    let ending = FatalFailure()
    let parts = Mutex<[PartialChange.Part]>([])
    let reports = await hosts.concurrentMap(limit: fanOut) { host in
      do {
        let change = PutFile(
          host: host.hostAddress,
          path: path,
          content: content,
          mode: mode?.bits
        )
        let outcome = try await run.perform(change)
        let detail = run.world.mode == .dry ? outcome?.change ?? PutOutcome.unforeseen : ""
        return PutReport(host: host.name, ok: true, digest: change.digest, detail: detail)
      } catch {
        let failure = CallFailure(anyError: error)
        await ending.note(failure, in: run)
        parts.withLock { $0.append(PartialChange.Part(host.name, failure)) }
        return PutReport(host: host.name, ok: false, digest: "", detail: failure.reason(on: host.name))
      }
    }
    try ending.check()
    let failed = reports.filter { !$0.ok }
    for report in failed { dialogue.say("  \(report.host): \(report.detail)") }
    let changes = Dictionary(grouping: reports.filter { $0.ok && !$0.detail.isEmpty }, by: \.detail)
    for (change, reports) in changes.sorted(by: { $0.key < $1.key }) {
      dialogue.say("  \(NameSet(names: reports.map(\.host)).folded): \(change)")
    }
    dialogue.say(
      "\(path): \(reports.count - failed.count)/\(reports.count.counted("host"))\(run.world.mode == .dry ? " (dry run)" : "")"
    )
    dialogue.shown(reports.value)
    guard run.world.mode == .live else { return reports }
    let wrong = parts.withLock { $0 }.sorted { $0.name < $1.name }
    try PartialChange(primitive: "fleet.put", count: reports.count, parts: wrong, check: check).settle(dialogue)
    return reports
  }
}

/// The outcome of a file on one host.
struct PutReport: Record, Sendable {
  let host: String
  let ok: Bool
  let digest: String
  let detail: String

  static var luaType: String { "fleet.PutResult" }
  static let columns: [Column<Self>] = [
    Column(\.host, "host", "Name"),
    Column(\.ok, "ok", "Whether it was written and read back"),
    Column(\.digest, "digest", "SHA-256 of the file there now; keyed when only its owner may read it"),
    Column(\.detail, "detail", "Why it was not; in a dry run, what would change"),
  ]
}
