import Foundation
import Synchronization

/// What all services of a world read, in memory: nothing is written before the end.
package final class RecordingLog: Sendable {
  /// The place of one answer among those to the same question.
  package struct Place: Sendable {
    fileprivate let service: String
    fileprivate let question: ReadQuestion
    fileprivate let index: Int
  }

  package let masks: Masks
  // The answers to a question in the order it was asked; nil until one has come, and for one that is not kept.
  private let entries = Mutex<[String: [ReadQuestion: [Value?]]]>([:])

  package init(masks: Masks) { self.masks = masks }

  /// Takes the place of an answer before it has come: equal questions at once are replayed in the order they were asked.
  package func ask<S: Service>(_ question: ReadQuestion, of service: S.Type) -> Place {
    entries.withLock { entries in
      entries[S.name, default: [:]][question, default: []].append(nil)
      return Place(service: S.name, question: question, index: (entries[S.name]?[question]?.count ?? 1) - 1)
    }
  }

  /// Keeps an answer, masked; nil keeps none.
  package func answer(_ place: Place, _ answer: (some RecordedAnswer)?) {
    // What cannot be written as JSON is not kept, and a replay names it as missing.
    let value = answer.flatMap { try? Value(encoding: $0.masked(by: masks)) }
    entries.withLock { $0[place.service]?[place.question]?[place.index] = value }
  }

  /// Everything answered so far, in one order: by what was asked, for people who look at a difference.
  package var reads: RecordedReads {
    entries.withLock { entries in
      entries.mapValues { questions in
        let reads = questions.compactMap { question, answers -> (subject: String, read: RecordedRead)? in
          let kept = answers.compactMap(\.self)
          return kept.isEmpty ? nil : (question.subject, RecordedRead(question, answers: kept))
        }
        return Dictionary(grouping: reads, by: \.subject).mapValues { reads in
          reads.map(\.read).sorted { ($0.asked, $0.digest) < ($1.asked, $1.digest) }
        }
      }.filter { !$0.value.isEmpty }
    }
  }
}

extension Value {
  /// What an answer looks like as JSON.
  package init(encoding content: some Encodable) throws {
    self = try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(content))
  }

  package func decoded<Content: Decodable>(as type: Content.Type) throws -> Content {
    try JSONDecoder().decode(type, from: JSONEncoder().encode(self))
  }
}
