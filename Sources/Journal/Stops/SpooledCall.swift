package import PrimitiveKit

/// One call of the stop lane as it waits in a file for the journal; times are milliseconds since 1970 by its own clock.
package struct SpooledCall: Codable, Sendable, Equatable {
  /// One operation of it, and how it ended; nil where nobody wrote that down.
  package struct Work: Codable, Sendable, Equatable {
    package let intent: OperationIntent
    package var end: OperationEnd?

    package init(intent: OperationIntent, end: OperationEnd? = nil) {
      self.intent = intent
      self.end = end
    }
  }

  /// What is added while the call is at work.
  package enum Line: Codable, Sendable, Equatable {
    /// With the long texts that it refers to.
    case begun(OperationIntent, texts: [String: String])
    case ended(key: String, OperationEnd)
  }

  /// The id of the run that it becomes.
  package let id: String
  package let name: String
  package let arguments: Value
  package let hosts: [String]
  package let identity: ProcessIdentity
  package let startedAt: Int64
  package var endedAt: Int64?
  package var state: RunState?
  package var reason: String?
  package var exitCode: Int?
  package var work: [Work] = []
  /// Long texts that operations refer to by hash.
  package var texts: [String: String] = [:]

  package init(_ request: RunRequest, id: String, identity: ProcessIdentity, startedAt: Int64) {
    self.id = id
    name = request.name
    arguments = request.arguments
    hosts = request.hosts
    self.identity = identity
    self.startedAt = startedAt
  }

  /// Takes a line in; the end of something that never began is left out.
  package mutating func add(_ line: Line) {
    switch line {
    case .begun(let intent, let texts):
      work.append(Work(intent: intent))
      self.texts.merge(texts) { $1 }
    case .ended(let key, let end):
      if let index = work.firstIndex(where: { $0.intent.key == key }) { work[index].end = end }
    }
  }

  /// Whether nothing will be added to it, seen from another process.
  func isOver(seenFrom identity: ProcessIdentity) -> Bool {
    // What another machine left half done is left to that machine.
    endedAt != nil || self.identity.isRunning(seenFrom: identity) == false
  }

  /// The run that the journal gets; what was cut off has an unknown end.
  var header: RunHeader {
    RunHeader(
      id: id,
      name: name,
      kind: .call,
      identity: identity,
      arguments: arguments,
      hosts: hosts,
      state: state ?? .unknown,
      stateReason: state == nil ? "its process ended before it recorded the outcome" : reason,
      startedAt: startedAt,
      updatedAt: endedAt ?? startedAt,
      endedAt: endedAt ?? startedAt,
      exitCode: state == nil ? Int(ExitCode.unknownOutcomes.rawValue) : exitCode
    )
  }

  /// One line for people.
  package var words: String {
    "\(name) of \(hosts.count == 1 ? "1 host" : "\(hosts.count) hosts") by \(identity.operatorName) (\(id))"
  }
}
