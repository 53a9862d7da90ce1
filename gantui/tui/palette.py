"""The command palette: what can be done here and now, in the order of the table of actions."""

from textual.command import DiscoveryHit, Hit, Hits, Provider


class Actions(Provider):
    """Without words all of them, the most used first; with words those that match."""

    async def discover(self) -> Hits:
        """Everything there is to do."""
        for command in self.app.get_system_commands(self.screen):
            yield DiscoveryHit(command.title, command.callback, help=command.help)

    async def search(self, query: str) -> Hits:
        """What matches in its name or in what it does."""
        matcher = self.matcher(query)
        for command in self.app.get_system_commands(self.screen):
            score = max(matcher.match(command.title), matcher.match(command.help) / 2)
            if score > 0:
                yield Hit(score, matcher.highlight(command.title), command.callback, help=command.help)
