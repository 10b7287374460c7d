package import PrimitiveKit

/// `file.*`: files of this machine, relative to the script or plugin that names them.
package struct FilePrimitives: Sendable {
  private let surroundings: Surroundings

  package init(_ surroundings: Surroundings) { self.surroundings = surroundings }

  package var all: [Primitive] { [read, lines, exists, stat, write] }

  /// The largest file that is read without being asked for, and the largest that is written.
  private static let limit = 16 << 20

  private static let limitHelp = "The most bytes it may hold"

  private var read: Primitive {
    Primitive(
      "file.read",
      "Reads a file of this machine; relative paths start at the script or plugin.",
      effect: .reads,
      Parameter<ScriptPath>("path", "The file"),
      Parameter<Int>("limit", default: FilePrimitives.limit, FilePrimitives.limitHelp),
      returns: "The content, as it is on the disk",
      examples: [Example(#"#file.read "/etc/os-release""#, "how many bytes it holds")],
      topics: ["open", "load", "io"]
    ) { path, limit async throws(CallFailure) -> Value in
      switch try await self.content(path, limit, of: "file.read") {
      case .known(let bytes): return ByteText(bytes).value
      case .unknown(let unknown): return .unknown(unknown)
      }
    }
  }

  private var lines: Primitive {
    Primitive(
      "file.lines",
      "Reads the lines of a file of this machine, without their ends.",
      effect: .reads,
      Parameter<ScriptPath>("path", "The file"),
      Parameter<Int>("limit", default: FilePrimitives.limit, FilePrimitives.limitHelp),
      returns: "A list of texts",
      examples: [Example(#"for _, line in ipairs(file.lines "/etc/hosts") do print(line) end"#, "prints them")],
      topics: ["open", "load", "io", "iterate"]
    ) { path, limit async throws(CallFailure) -> Value in
      switch try await self.content(path, limit, of: "file.lines") {
      case .known(let bytes):
        let ended = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
        guard !bytes.isEmpty else { return .array([]) }
        let lines = ended.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return .array(lines.map { ByteText(Array($0)).value })
      case .unknown(let unknown): return .unknown(unknown)
      }
    }
  }

  private var exists: Primitive {
    Primitive(
      "file.exists",
      "Returns whether a path of this machine exists.",
      effect: .reads,
      Parameter<ScriptPath>("path", "A file, a directory, or anything else"),
      returns: "true or false",
      examples: [Example(#"file.exists "/etc/hosts""#, "true")],
      topics: ["test", "missing", "io"]
    ) { path async throws(CallFailure) -> Value in
      let place = try await path.located()
      switch self.predicted(place) {
      case .unknown(let why)?: return .unknown(Unknown(why: why, origin: "file.exists"))
      case .nothing?: return .bool(false)
      case .file?: return .bool(true)
      case nil: return .bool(try await self.world.service(Files.self).look(place, digest: false) != nil)
      }
    }
  }

  private var stat: Primitive {
    Primitive(
      "file.stat",
      "Describes what a path of this machine names, links followed.",
      effect: .reads,
      Parameter<ScriptPath>("path", "A file, a directory, or anything else"),
      returns: "A record; nil when nothing is there",
      examples: [Example(#"file.stat("/etc/hosts").bytes"#, "its size")],
      topics: ["size", "mode", "owner", "modified", "age", "io"]
    ) { path async throws(CallFailure) -> FileStat in
      let place = try await path.located()
      switch self.predicted(place) {
      case .unknown(let why)?: return FileStat(value: .unknown(Unknown(why: why, origin: "file.stat")))
      case .nothing?: return FileStat(value: .null)
      case .file(let image)?: return FileStat(image, place, now: self.world.now())
      case nil:
        let facts = try await self.world.service(Files.self).look(place, digest: false)
        return facts.map { FileStat($0, place) } ?? FileStat(value: .null)
      }
    }
  }

  private var write: Primitive {
    Primitive(
      "file.write",
      "Writes a file of this machine atomically; an existing file keeps its mode and owner.",
      effect: .changes,
      Parameter<ScriptPath>("path", "The file; relative paths start at the script or plugin"),
      Parameter<ByteText>("content", "The content"),
      Parameter<FileMode?>(
        "mode",
        default: nil,
        "Permission bits, for example \"0600\"; default: those of the existing file, else 0644"
      ),
      Parameter<Bool>("dry_run", default: false, "Show what would be written; write nothing"),
      returns: "What was written",
      examples: [
        Example(#"file.write<path="/tmp/opsh-example.txt", content="hello\n", mode="0600">"#, "a small file")
      ],
      topics: ["save", "store", "io", "report"]
    ) { path, content, mode, dry async throws(CallFailure) -> FileWritten in
      try await self.write(path, content.bytes, mode, dry: dry)
    }
  }

  private func write(
    _ path: ScriptPath,
    _ content: [UInt8],
    _ mode: FileMode?,
    dry: Bool
  ) async throws(CallFailure) -> FileWritten {
    guard content.count <= FilePrimitives.limit else {
      throw CallFailure(
        .invalid,
        code: "file.size",
        message:
          "file.write: \(path.text) would hold \(content.count) bytes, at most \(FilePrimitives.limit) are allowed",
        hint: "let a program write what is larger"
      )
    }
    let arguments: [String: Value] = [
      "path": path.value, "sha256": SHA256(hashing: content).hex.value, "mode": mode.value,
    ]
    let request = RunRequest(name: "file.write", arguments: .table(arguments), scopes: [], hosts: [])
    let admission = surroundings.admission
    return try await admission.run(PlannedChange(request), dry: dry) { run throws(CallFailure) in
      let place = try await path.located()
      let before = try await before(place, in: run)
      let change = WriteFile(place, content: content, mode: mode?.bits, replacing: before)
      _ = try await run.perform(change)
      if run.world.mode == .dry { surroundings.dialogue.say("  \(place): \(change.change) (dry run)") }
      return FileWritten(change)
    }
  }

  /// What the write replaces: a resumed run must not take what it wrote itself for it.
  private func before(_ path: LocalPath, in run: Run) async throws(CallFailure) -> FileState {
    let count = await run.ordinal(of: "before \(path.absolute)")
    let world = run.world
    let name = SHA256(hashing: path.absolute.utf8).hex.prefix(16)
    return try await run.recorded("before \(name)~\(count)") { () async throws(CallFailure) in
      try await FileState.planned(at: path, in: world)
    }
  }

  /// The world of the call: that of its run, where it has one.
  private var world: World { CallContext.current.run?.world ?? surroundings.world }

  /// What the plan that this call is part of leaves of a path; nil where that is what is there.
  private func predicted(_ path: LocalPath) -> FileState? {
    guard let predicted = world.predicted else { return nil }
    let thing = PredictedWorld.Thing(file: path)
    return predicted.fact(FileState.self, of: thing) ?? predicted.loss(of: [thing, .machine]).map(FileState.unknown)
  }

  private enum Content {
    case known([UInt8])
    case unknown(Unknown)
  }

  private func content(_ path: ScriptPath, _ limit: Int, of call: String) async throws(CallFailure) -> Content {
    guard (1...FilePrimitives.mostRead).contains(limit) else {
      throw CallFailure(
        .invalid,
        code: "call.argument",
        message: "\(call): 'limit' should be 1 to \(FilePrimitives.mostRead), got \(limit)"
      )
    }
    let place = try await path.located()
    switch predicted(place) {
    case .unknown(let why)?: return .unknown(Unknown(why: why, origin: call))
    case .file(let image)?:
      if let content = image.content { return .known(content) }
    case .nothing?:
      throw CallFailure(.failed, code: "file.missing", message: "\(place) cannot be read: it does not exist")
    case nil: break
    }
    return .known(try await world.service(Files.self).read(place, limit: limit).bytes)
  }

  /// As much text as may cross into Lua at once.
  private static let mostRead = 256 << 20
}
