/// What a read asked, as a recording keeps it: digests, and one line for people.
package struct ReadQuestion: Sendable, Hashable {
  /// Who was asked, for example a host's name: one file of the recording.
  package let subject: String
  /// One line of at most 100 characters, without ids and secrets.
  package let summary: String
  /// SHA-256 of each part of the question, by the part's name.
  package let parts: [String: String]

  /// `parts` are whatever tells two questions apart: a secret is given by its name, an id as `Masks` writes it.
  package init(of subject: String, summary: String, parts: [String: [UInt8]]) {
    self.init(of: subject, summary: summary, digests: parts.mapValues { SHA256(hashing: $0).hex })
  }

  package init(of subject: String, summary: String, digests: [String: String]) {
    self.subject = subject
    self.summary = ReadQuestion.shortened(summary)
    parts = digests
  }

  /// SHA-256 of the whole question: the key of its answers.
  package var digest: String {
    let lines = parts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }
    return SHA256(hashing: lines.joined().utf8).hex
  }

  private static func shortened(_ text: String) -> String {
    let flat = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return flat.count > 100 ? "\(flat.prefix(99))…" : flat
  }
}

/// What a service keeps of an answer.
package protocol RecordedAnswer: Codable, Sendable {
  /// The same without what must not be shared: ids and money go through `masks`; a secret is never part of an answer.
  func masked(by masks: Masks) -> Self
}

/// One read with its answers in order, as a recording holds it.
package struct RecordedRead: Codable, Sendable, Equatable {
  package let asked: String
  package let digest: String
  package let parts: [String: String]
  /// At least one; repeats of the last are left out.
  package let answers: [Value]

  package init(_ question: ReadQuestion, answers: [Value]) {
    (asked, digest, parts) = (question.summary, question.digest, question.parts)
    var answers = answers
    while answers.count > 1, answers[answers.count - 1] == answers[answers.count - 2] { answers.removeLast() }
    self.answers = answers
  }
}

/// The reads of a recording: by service, then by subject.
package typealias RecordedReads = [String: [String: [RecordedRead]]]
