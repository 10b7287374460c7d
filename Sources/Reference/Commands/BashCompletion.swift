package import PrimitiveKit

/// The completion of the program for bash: what `opsh completion bash` prints.
package enum BashCompletion {
  /// A script to be read by bash; it asks opsh for nothing while a key is down.
  package static func script(_ infos: [SubcommandInfo], common: [CommandArgumentInfo], running: [CommandArgumentInfo])
    -> String
  {
    let options = (common + running + infos.flatMap(\.options)).uniqueByName
    let valued = options.filter { $0.place == .option }
    return """
      # Completion of opsh for bash: source <(opsh completion bash)
      _opsh() {
        local cur=${COMP_WORDS[COMP_CWORD]} prev= command= words=() i
        COMPREPLY=()
        ((COMP_CWORD > 0)) && prev=${COMP_WORDS[COMP_CWORD-1]}
        for ((i = 1; i < COMP_CWORD; i++)); do
          case ${COMP_WORDS[i]} in
            \(pattern(valued))) ((i++)) ;;
            -*) ;;
            *) words+=("${COMP_WORDS[i]}") ;;
          esac
        done
        case $prev in
      \(values(valued))
        esac
        case "${words[0]} ${words[1]}" in
      \(groups(infos))
          *) command=${words[0]} ;;
        esac
        if [[ $cur == -* ]]; then
          case $command in
      \(optionCases(infos, common))
            *) COMPREPLY=($(compgen -W '\(list(common + running))' -- "$cur")) ;;
          esac
          return
        fi
        case ${#words[@]}:${words[0]} in
          0:*) COMPREPLY=($(compgen -W '\(firstWords(infos))' -- "$cur") $(compgen -f -- "$cur")); return ;;
      \(secondWords(infos))
        esac
        case $command in
      \(wordCases(infos))
        esac
        COMPREPLY+=($(compgen -f -- "$cur"))
      }
      complete -o filenames -F _opsh opsh
      """
  }

  private static func pattern(_ options: [CommandArgumentInfo]) -> String {
    options.flatMap(spellings).joined(separator: "|")
  }

  private static func spellings(_ option: CommandArgumentInfo) -> [String] {
    (option.letter.map { ["-\($0)"] } ?? []) + ["--\(option.name)"]
  }

  private static func list(_ options: [CommandArgumentInfo]) -> String {
    options.uniqueByName.map { "--\($0.name)" }.sorted().joined(separator: " ")
  }

  private static func values(_ options: [CommandArgumentInfo]) -> String {
    options.map { option in
      let what: String
      switch option.completion {
      case .choices(let choices): what = "-W '\(choices.joined(separator: " "))'"
      case .files: what = "-f"
      default: return "    \(pattern([option]))) return ;;"
      }
      return "    \(pattern([option]))) COMPREPLY=($(compgen \(what) -- \"$cur\")); return ;;"
    }
    .joined(separator: "\n")
  }

  private static func groups(_ infos: [SubcommandInfo]) -> String {
    infos.filter { $0.name.contains(" ") }.map { "    '\($0.name)') command='\($0.name)' ;;" }.joined(separator: "\n")
  }

  private static func optionCases(_ infos: [SubcommandInfo], _ common: [CommandArgumentInfo]) -> String {
    infos.map { info in
      "      '\(info.name)') COMPREPLY=($(compgen -W '\(list(common + info.options))' -- \"$cur\")) ;;"
    }
    .joined(separator: "\n")
  }

  private static func firstWords(_ infos: [SubcommandInfo]) -> String {
    Set(infos.map(\.firstWord)).sorted().joined(separator: " ")
  }

  private static func secondWords(_ infos: [SubcommandInfo]) -> String {
    let groups = Dictionary(grouping: infos.filter { $0.name.contains(" ") }, by: \.firstWord)
    return groups.keys.sorted().map { group in
      let words = (groups[group] ?? []).map { $0.name.dropFirst(group.count + 1) }.joined(separator: " ")
      return "    1:\(group)) COMPREPLY=($(compgen -W '\(words)' -- \"$cur\")); return ;;"
    }
    .joined(separator: "\n")
  }

  // Words that are no files: choices are offered, and nothing where only opsh knows the names.
  private static func wordCases(_ infos: [SubcommandInfo]) -> String {
    infos.compactMap { info in
      switch info.words.first?.completion {
      case nil: "    '\(info.name)') return ;;"
      case .files: nil
      case .choices(let choices):
        "    '\(info.name)') COMPREPLY=($(compgen -W '\(choices.joined(separator: " "))' -- \"$cur\")); return ;;"
      default: "    '\(info.name)') return ;;"
      }
    }
    .joined(separator: "\n")
  }
}

extension SubcommandInfo {
  fileprivate var firstWord: String { String(name.prefix { $0 != " " }) }
}

extension Array where Element == CommandArgumentInfo {
  fileprivate var uniqueByName: [CommandArgumentInfo] {
    var seen: Set<String> = []
    return filter { seen.insert($0.name).inserted }
  }
}
