// The one spelling of states and actions on this side of the program: snake_case, whatever the
// format or a database calls them.

extension Record.Value {
    /// A state, an action or another word of ours, as in `keys_destroyed` for `keysDestroyed`.
    static func word(_ name: String) -> Self { .text(snakeCase(name)) }

    static func snakeCase(_ name: String) -> String {
        var words = ""
        for character in name {
            switch character {
            case " ", "-": words.append("_")
            case _ where character.isUppercase: words += "_\(character.lowercased())"
            default: words.append(character)
            }
        }
        return words
    }
}
