/// The files of this machine, of which reads are recorded.
///
/// The content of a file that only its owner may read is never recorded, nor its digest.
package enum Files: Service {
  package typealias Form = any LocalFiles

  package static let name = "files"

  package static func reading(_ live: any LocalFiles) -> any LocalFiles { ReadingFiles(base: live) }
  package static func recording(_ live: any LocalFiles, in log: RecordingLog) -> any LocalFiles {
    RecordingFiles(base: live, log: log)
  }
  package static func replaying(_ log: ReplayLog) -> any LocalFiles { ReplayFiles(log: log) }
  package static var absent: any LocalFiles { NoFiles() }

  package static func missing(_ nearest: NearestRead) -> String {
    nearest == .changed(parts: ["limit"])
      ? "it was recorded with another limit"
      : "it was not recorded; the content of a file that only its owner may read never is"
  }

  fileprivate static func question(_ verb: String, _ path: LocalPath, limit: Int? = nil) -> ReadQuestion {
    var parts = path.parts
    parts["what"] = Array(verb.utf8)
    if let limit { parts["limit"] = Array("\(limit)".utf8) }
    return ReadQuestion(of: "local", summary: "\(verb) \(path.text)", parts: parts)
  }

  fileprivate static func readOnly(_ path: LocalPath) -> CallFailure {
    CallFailure(.refused, code: "file.read_only", message: "\(path) cannot be changed: a dry run only reads")
  }
}

/// What was found at a path, or why nothing could be told.
private struct FileAnswer: RecordedAnswer {
  var facts: FileFacts?
  var content: RecordedText?
  var failure: CallFailure?

  func masked(by masks: Masks) -> FileAnswer {
    var answer = self
    if facts?.isPrivate == true { answer.facts?.digest = nil }
    return answer
  }
}

private struct ReadingFiles: LocalFiles {
  let base: any LocalFiles

  func look(_ path: LocalPath, digest: Bool) async throws(CallFailure) -> FileFacts? {
    try await base.look(path, digest: digest)
  }
  func read(_ path: LocalPath, limit: Int) async throws(CallFailure) -> FileContent {
    try await base.read(path, limit: limit)
  }
  func replace(_ file: FileReplacement) async throws(CallFailure) { throw Files.readOnly(file.path) }
  func remove(_ path: LocalPath) async throws(CallFailure) { throw Files.readOnly(path) }
}

private struct RecordingFiles: LocalFiles {
  let base: any LocalFiles
  let log: RecordingLog

  func look(_ path: LocalPath, digest: Bool) async throws(CallFailure) -> FileFacts? {
    let place = log.ask(Files.question(digest ? "digest" : "look at", path), of: Files.self)
    do throws(CallFailure) {
      let facts = try await base.look(path, digest: digest)
      log.answer(place, FileAnswer(facts: facts))
      return facts
    } catch {
      // An operator who gave up tells nothing about the file.
      if !error.isGivenUp { log.answer(place, FileAnswer(failure: error)) }
      throw error
    }
  }

  func read(_ path: LocalPath, limit: Int) async throws(CallFailure) -> FileContent {
    let place = log.ask(Files.question("read", path, limit: limit), of: Files.self)
    do throws(CallFailure) {
      let content = try await base.read(path, limit: limit)
      if !content.facts.isPrivate {
        log.answer(place, FileAnswer(facts: content.facts, content: RecordedText(content.bytes)))
      }
      return content
    } catch {
      if !error.isGivenUp { log.answer(place, FileAnswer(failure: error)) }
      throw error
    }
  }

  func replace(_ file: FileReplacement) async throws(CallFailure) { try await base.replace(file) }
  func remove(_ path: LocalPath) async throws(CallFailure) { try await base.remove(path) }
}

private struct ReplayFiles: LocalFiles {
  let log: ReplayLog

  private func answer(_ verb: String, _ path: LocalPath, limit: Int? = nil) throws(CallFailure) -> FileAnswer {
    let answer: FileAnswer
    do throws(MissingRead) {
      answer = try log.answer(to: Files.question(verb, path, limit: limit), of: Files.self)
    } catch {
      throw CallFailure(error)
    }
    if let failure = answer.failure { throw failure }
    return answer
  }

  func look(_ path: LocalPath, digest: Bool) async throws(CallFailure) -> FileFacts? {
    try answer(digest ? "digest" : "look at", path).facts
  }

  func read(_ path: LocalPath, limit: Int) async throws(CallFailure) -> FileContent {
    let answer = try answer("read", path, limit: limit)
    guard let facts = answer.facts, let content = answer.content else {
      throw CallFailure(.invalid, code: "recording.missing", message: "the recording has no content of \(path)")
    }
    return FileContent(bytes: content.bytes, facts: facts)
  }

  func replace(_ file: FileReplacement) async throws(CallFailure) { throw Files.readOnly(file.path) }
  func remove(_ path: LocalPath) async throws(CallFailure) { throw Files.readOnly(path) }
}

private struct NoFiles: LocalFiles {
  private func absent(_ path: LocalPath) -> CallFailure {
    CallFailure(.unavailable, code: "file.absent", message: "\(path): this world has no files")
  }

  func look(_ path: LocalPath, digest: Bool) async throws(CallFailure) -> FileFacts? { throw absent(path) }
  func read(_ path: LocalPath, limit: Int) async throws(CallFailure) -> FileContent { throw absent(path) }
  func replace(_ file: FileReplacement) async throws(CallFailure) { throw absent(file.path) }
  func remove(_ path: LocalPath) async throws(CallFailure) { throw absent(path) }
}
