"""What a class needs: the speaker notes of the notebooks, as run sheets, and plans of days."""
