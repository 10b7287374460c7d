import Foundation
import Foundations
package import PrimitiveKit

/// The secrets of a site on this machine: files, variables, and programs that print them.
///
/// A value is read when it is asked for: a file each time that it has changed, a program at most once a minute, since a
/// change on a thousand hosts asks a thousand times. What was read is masked from then on.
package actor SecretStore: SecretReader {
  private let settings: SecretSettings
  private let environment: [String: String]
  /// The directory of the site, where relative paths start.
  private let folder: String
  private let masks: SecretMasks
  private let clock: any Clock<Duration>
  private let git: GitTracking
  private var kept: [String: Kept] = [:]
  private var reading: [String: Task<Result<OpenSecret, CallFailure>, Never>] = [:]
  private var digestKey: DigestKey?

  private struct Kept {
    let open: OpenSecret
    let source: Source
  }

  private enum Source {
    case file(SecretFile.Stamp)
    case variable
    /// How old the answer of the program is.
    case command(age: () -> Duration)
  }

  /// `environment` is that of the process: its variables, HOME, and what programs inherit.
  package init(
    _ settings: SecretSettings,
    environment: [String: String],
    folder: String,
    masks: SecretMasks,
    clock: any Clock<Duration> = ContinuousClock()
  ) {
    self.settings = settings
    self.environment = environment
    self.folder = folder
    self.masks = masks
    self.clock = clock
    // Another repository is none of the file's.
    git = GitTracking(programs: MachinePrograms(environment: environment.filter { !$0.key.hasPrefix("GIT_") }))
  }

  package func seal(_ secret: Secret) async throws(CallFailure) -> SealedSecret {
    SealedSecret(try await open(secret), key: try key())
  }

  package func open(_ secret: Secret) async throws(CallFailure) -> OpenSecret {
    while true {
      let task = reading[secret.name] ?? begin(secret)
      let result = await withTaskCancellationHandler {
        await task.value
      } onCancel: {
        task.cancel()
      }
      // Another who asked gave up, and this one did not.
      if case .failure(let failure) = result, failure.isGivenUp, !Task.isCancelled { continue }
      return try result.get()
    }
  }

  package nonisolated var names: [String]? { settings.places.keys.sorted() }

  package func key() throws(CallFailure) -> DigestKey {
    if let digestKey { return digestKey }
    let key = try DigestKeyFile(directory: UserDirectory.state(environment).map { "\($0)/opsh" }).read()
    digestKey = key
    return key
  }

  private func begin(_ secret: Secret) -> Task<Result<OpenSecret, CallFailure>, Never> {
    let task = Task {
      let result = await CallFailure.result { () async throws(CallFailure) in try await self.value(of: secret) }
      self.reading[secret.name] = nil
      return result
    }
    reading[secret.name] = task
    return task
  }

  private func value(of secret: Secret) async throws(CallFailure) -> OpenSecret {
    guard let place = settings.places[secret.name] else { throw settings.unknown(secret.name) }
    if let kept = kept[secret.name], isFresh(kept, place) { return kept.open }
    var (bytes, source) = try await read(place, of: secret)
    let open = OpenSecret(secret, taking: &bytes)
    masks.add(open)
    kept[secret.name] = Kept(open: open, source: source)
    return open
  }

  private func isFresh(_ kept: Kept, _ place: SecretSettings.Place) -> Bool {
    if case .command(let age) = kept.source { return age() < SecretStore.lifetime }
    return false
  }

  /// How long the answer of a program is good.
  private static var lifetime: Duration { .seconds(60) }

  private func read(_ place: SecretSettings.Place, of secret: Secret) async throws(CallFailure) -> ([UInt8], Source) {
    switch place {
    case .file(let name, let isWhole):
      let file = file(name)
      var (bytes, stamp) = try await SecretStore.flawless(secret) { () throws(SecretFlaw) in try file.read() }
      if case .file(let known)? = kept[secret.name]?.source, known == stamp {
        // It was looked at before, and is the same.
      } else if let flaw = try await tracked(file) {
        throw flaw.failure(of: secret)
      }
      do throws(SecretFlaw) {
        if isWhole {
          guard !bytes.isEmpty else { throw SecretFlaw("\(name) is empty") }
          return (bytes, .file(stamp))
        }
        let hint = "`whole = true` beside `file` takes every line of it"
        return (try SecretFlaw.line(of: &bytes, in: name, hint: hint), .file(stamp))
      } catch {
        throw error.failure(of: secret)
      }
    case .variable(let name):
      do throws(SecretFlaw) {
        guard let text = environment[name] else {
          throw SecretFlaw("the variable \(name) is not set", hint: "set it in the environment that opsh is started in")
        }
        var bytes = Array(text.utf8)
        return (try SecretFlaw.line(of: &bytes, in: "the variable \(name)"), .variable)
      } catch {
        throw error.failure(of: secret)
      }
    case .command(let words, let timeout):
      let bytes = try await printed(by: words, within: timeout, for: secret)
      return (bytes, .command(age: clock.stopwatch()))
    }
  }

  private func file(_ name: String) -> SecretFile {
    let whole = UserDirectory.expanding(name, environment)
    return SecretFile(name: name, path: ScriptFolder.joining(folder, whole))
  }

  private func tracked(_ file: SecretFile) async throws(CallFailure) -> SecretFlaw? {
    switch try await git.tracks(file.path) {
    case .no: nil
    case .yes:
      SecretFlaw(
        "git tracks \(file.name)",
        hint: "`git rm --cached` ends that; the value stays in the history, so use a new one",
        isRefused: true
      )
    case .unknown(let why):
      SecretFlaw("it cannot be told whether git tracks \(file.name): \(why)", isRefused: true)
    }
  }

  private func printed(by words: [String], within limit: Duration, for secret: Secret) async throws(CallFailure)
    -> [UInt8]
  {
    let place = LocalPath(folder, in: folder, absolute: folder)
    var request = ProgramRequest(words: words, effect: .reads, in: place)
    request.timeout = limit
    request.limit = 1 << 16
    let ending: ProgramEnding
    do throws(CallFailure) {
      ending = try await MachinePrograms(environment: environment).run(request)
    } catch {
      if error.isGivenUp { throw error }
      throw SecretFlaw(error.message, hint: error.hint).failure(of: secret)
    }
    var output = ending.output.bytes
    do throws(SecretFlaw) {
      guard ending.status == 0 else {
        let end = ending.status.map { "exited with status \($0)" } ?? "was ended by signal \(ending.signal ?? 0)"
        // One that printed a value and then failed may have printed it twice.
        let errors = output.isEmpty ? ending.errorOutput.bytes : []
        let said = String(decoding: errors, as: UTF8.self).split(whereSeparator: \.isNewline).first
        SecretFlaw.clear(&output)
        throw SecretFlaw("`\(request.name)` \(end)" + (said.map { ": \($0.prefix(200))" } ?? ""))
      }
      return try SecretFlaw.line(
        of: &output,
        in: "what `\(request.name)` printed",
        hint: "the command prints the value and nothing else"
      )
    } catch {
      throw error.failure(of: secret)
    }
  }

  /// Reads on a thread of its own: a file may lie where the network is.
  private static func flawless<Answer: Sendable>(
    _ secret: Secret,
    _ body: @escaping @Sendable () throws(SecretFlaw) -> Answer
  ) async throws(CallFailure) -> Answer {
    try await BlockingWork.run(isLook: true) { (_) throws(CallFailure) -> Answer in
      do throws(SecretFlaw) {
        return try body()
      } catch {
        throw error.failure(of: secret)
      }
    }
  }
}

extension SecretStore {
  package func list() async throws(CallFailure) -> [SecretReport] {
    var reports: [SecretReport] = []
    for (name, place) in settings.places.sorted(by: { $0.key < $1.key }) {
      reports.append(try await report(Secret(name), place))
    }
    return reports
  }

  private func report(_ secret: Secret, _ place: SecretSettings.Place) async throws(CallFailure) -> SecretReport {
    var report = SecretReport(name: secret.name, place: "\(place)")
    switch place {
    case .file(let name, _):
      let file = file(name)
      if let facts = SecretStore.facts(of: file.path) {
        report.readers = SecretStore.readers(facts)
        report.changed = facts.modified
        switch try await git.tracks(file.path) {
        case .no: report.tracked = "no"
        case .yes: report.tracked = "yes"
        case .unknown: report.tracked = "unknown"
        }
      }
    case .variable: report.readers = "you, root, and every program that opsh starts"
    case .command: report.readers = "whoever may run it"
    }
    if case .command = place, kept[secret.name] == nil {
      report.masked = "once it has been used"
      return report
    }
    do throws(CallFailure) {
      let count = try await open(secret).count
      report.masked = count < SecretMasks.shortest ? "no: shorter than \(SecretMasks.shortest) bytes" : "yes"
    } catch {
      if error.isGivenUp { throw error }
      report.problem = error.message
    }
    return report
  }

  private static func facts(of path: String) -> FileFacts? {
    var status = stat()
    return stat(path, &status) == 0 ? FileFacts(status) : nil
  }

  private static func readers(_ facts: FileFacts) -> String {
    if facts.mode & 0o004 != 0 { return "everybody" }
    return facts.mode & 0o040 != 0 ? "\(facts.owner), group \(facts.group) and root" : "\(facts.owner) and root"
  }
}
