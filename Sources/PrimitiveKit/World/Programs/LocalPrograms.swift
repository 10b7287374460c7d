/// Programs of this machine: started from their words, never through a shell.
package protocol LocalPrograms: Sendable {
  /// Runs a program to its end; a status other than 0 is an answer.
  ///
  /// The whole process group is ended when the time is up, when the caller is cancelled, and when it prints more than may be
  /// kept. Throws `program.*`, naming the program: of one that changes something, a cut end leaves its outcome unknown.
  func run(_ request: ProgramRequest) async throws(CallFailure) -> ProgramEnding
}

/// A program to run.
package struct ProgramRequest: Sendable, Equatable {
  /// The program and its arguments; at least one word.
  package let words: [String]
  package let effect: Effect
  /// Standard input.
  package var input: [UInt8] = []
  package var timeout: Duration = .seconds(30)
  /// Variables beside those that opsh was started with.
  package var variables: [String: String] = [:]
  /// The directory it starts in, as its caller names it; a program that is named with a slash is looked for from there.
  package let place: LocalPath
  /// The most that each of its outputs may be, in bytes.
  package var limit = 1 << 20

  package init(words: [String], effect: Effect, in place: LocalPath) {
    (self.words, self.effect, self.place) = (words, effect, place)
  }

  package var folder: String { place.absolute }

  /// The program's name, without folders.
  package var name: String {
    let word = words.first ?? ""
    return word.split(separator: "/").last.map(String.init) ?? word
  }

  /// The words in one line, as a person would type them.
  package var line: String { ShellQuote.line(words) }
}

/// How a program ended.
package struct ProgramEnding: Sendable, Codable, Equatable {
  /// Nil when a signal ended it.
  package let status: Int?
  package let signal: Int?
  package let output: ByteText
  package let errorOutput: ByteText
  package let seconds: Double

  package init(status: Int?, signal: Int?, output: [UInt8], errorOutput: [UInt8], seconds: Double) {
    self.status = status
    self.signal = signal
    self.output = ByteText(output)
    self.errorOutput = ByteText(errorOutput)
    self.seconds = seconds
  }
}

extension ByteText: Codable {
  package init(from decoder: any Decoder) throws { self.init(try RecordedText(from: decoder).bytes) }
  package func encode(to encoder: any Encoder) throws { try RecordedText(bytes).encode(to: encoder) }
}
